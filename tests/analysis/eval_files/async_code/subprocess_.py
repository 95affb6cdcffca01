import os
import subprocess


async def foo():
    subprocess.run(["git"])  # expect: WB721 subprocess.run
    subprocess.Popen(["git"])  # expect: WB720 subprocess.Popen
    os.waitpid(1, 0)  # expect: WB722 os.waitpid

from sqlalchemy.ext.asyncio import async_sessionmaker


Session = async_sessionmaker()


async def foo():
    async with Session() as session:
        return await session.execute("SELECT 1")  # ok

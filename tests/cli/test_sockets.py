from __future__ import annotations

import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.cli.settings import Listen
from bridge.cli.sockets import AddressUnusable, hold_address, open_socket, remove_socket_file


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        yield sock.getsockname()[1]


@pytest.fixture
def short_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, so that paths of Unix sockets can be relative and short."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refused(listen: Listen) -> AddressUnusable:
    with pytest.raises(AddressUnusable) as caught:
        open_socket(listen).close()
    return caught.value


def answers(address: object) -> bool:
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family) as client:
        client.settimeout(10)
        try:
            client.connect(address)  # type: ignore[arg-type] # of either family
        except ConnectionRefusedError:
            return False
        return True


# ---------------------------------------------------------------- TCP


def test_open_socket_listens_on_a_port_that_the_system_chooses() -> None:
    with open_socket(Listen(port=0)) as sock:
        host, port = sock.getsockname()
        assert host == "127.0.0.1"
        assert port > 0
        assert answers((host, port))


def test_open_socket_takes_a_name_and_prefers_its_ipv4_address() -> None:
    with open_socket(Listen(host="localhost", port=0)) as sock:
        assert sock.getsockname()[0] == "127.0.0.1"


@pytest.mark.parametrize("host", ["::1", "[::1]"])
def test_open_socket_takes_ipv6(host: str) -> None:
    with open_socket(Listen(host=host, port=0)) as sock:
        assert sock.family is socket.AF_INET6


@pytest.mark.parametrize("host", ["", "0.0.0.0"])
def test_open_socket_takes_every_interface(host: str) -> None:
    with open_socket(Listen(host=host, port=0)) as sock:
        assert sock.getsockname()[0] == "0.0.0.0"


def test_open_socket_takes_over_an_open_descriptor() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as sock,
        open_socket(Listen(fd=os.dup(sock.fileno()))) as same,
    ):
        assert same.getsockname() == sock.getsockname()


def test_open_socket_of_a_port_in_use_offers_one_that_is_free(taken: int) -> None:
    error = refused(Listen(port=taken))
    assert error.summary == f"cannot listen on 127.0.0.1:{taken}: another program listens there."
    assert error.exit_code == 1
    port = int(error.advice[0].removeprefix("Stop it, or take another port: --port ").split()[0])
    open_socket(Listen(port=port)).close()
    assert error.advice[1] == "--port 0 lets the system choose one."


def test_open_socket_of_the_last_port_in_use_offers_none(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 65535))
        sock.listen()
        assert refused(Listen(port=65535)).advice[0] == "Stop it, or take another port."


def test_open_socket_of_an_address_that_is_not_ours() -> None:
    # TEST-NET-1 of RFC 5737: no machine has it.
    error = refused(Listen(host="192.0.2.1", port=0))
    assert error.summary == "cannot listen on 192.0.2.1:0: no interface of this machine has that address."


def test_open_socket_of_a_name_without_address() -> None:
    error = refused(Listen(host="no-such-host.invalid", port=80))
    assert error.summary == (
        "cannot listen on no-such-host.invalid:80: the name 'no-such-host.invalid' has no address."
    )


def test_open_socket_of_a_privileged_port(monkeypatch: pytest.MonkeyPatch) -> None:
    # As root nothing is forbidden, so the system's answer is made.
    monkeypatch.setattr(socket.socket, "bind", _denied)
    error = refused(Listen(port=80))
    assert error.problem == "ports below 1024 need a privilege that this user does not have"


def test_open_socket_of_an_error_without_a_text_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket.socket, "bind", _out_of_memory)
    assert refused(Listen(port=80)).problem == "cannot allocate memory"


def _denied(*_: object) -> None:
    raise PermissionError(13, "Permission denied")


def _out_of_memory(*_: object) -> None:
    raise OSError(12, "Cannot allocate memory")


# ---------------------------------------------------------------- holding an address


def test_hold_address_keeps_the_port_for_others_without_listening() -> None:
    holder, listen = hold_address(Listen(port=0))
    assert holder is not None
    with holder:
        assert listen.port > 0
        assert not answers(("127.0.0.1", listen.port))
        with socket.socket() as server:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            server.bind((listen.host, listen.port))
            server.listen()
            assert answers(("127.0.0.1", listen.port))


def test_hold_address_takes_a_port_whose_connections_have_just_ended() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        port = server.getsockname()[1]
        connection, _ = server.accept()
        connection.close()  # first, as servers do: the port is in TIME_WAIT on this side
        assert client.recv(1) == b""
    holder, listen = hold_address(Listen(port=port))
    assert holder is not None
    holder.close()
    assert listen.port == port


def test_hold_address_says_that_somebody_took_the_port_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        listen = Listen(port=other.getsockname()[1])
        monkeypatch.setattr("bridge.cli.sockets._bind_tcp", lambda _: other.dup())
        with pytest.raises(AddressUnusable, match="another program listens there"):
            hold_address(listen)


def test_hold_address_says_the_address_in_numbers() -> None:
    holder, listen = hold_address(Listen(host="localhost", port=0))
    assert holder is not None
    holder.close()
    assert listen.host == "127.0.0.1"


def test_hold_address_notices_another_server_that_shares_its_port() -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(AddressUnusable, match="another program listens there"):
            hold_address(Listen(port=other.getsockname()[1]))


def test_hold_address_of_a_unix_socket_checks_the_path_and_leaves_it_free(short_folder: Path) -> None:
    listen = Listen(uds="app.sock")
    assert hold_address(listen) == (None, listen)
    assert not Path("app.sock").exists()


# ---------------------------------------------------------------- Unix sockets


def test_open_socket_of_a_unix_path_that_a_proxy_may_use(short_folder: Path) -> None:
    with open_socket(Listen(uds="app.sock")):
        assert answers("app.sock")
        assert stat.S_IMODE(Path("app.sock").stat().st_mode) == 0o666


def test_open_socket_takes_the_place_of_a_socket_that_a_crash_left(short_folder: Path) -> None:
    with socket.socket(socket.AF_UNIX) as crashed:
        crashed.bind("app.sock")
    with open_socket(Listen(uds="app.sock")):
        assert answers("app.sock")


def test_open_socket_of_a_unix_path_in_use(short_folder: Path) -> None:
    with open_socket(Listen(uds="app.sock")):
        error = refused(Listen(uds="app.sock"))
    assert error.summary == "cannot listen on the Unix socket app.sock: another program listens there."


def test_open_socket_of_a_file_that_is_no_socket_leaves_it(short_folder: Path) -> None:
    Path("app.sock").write_text("precious")
    assert refused(Listen(uds="app.sock")).problem == "there is a file of that name, which is no socket"
    assert Path("app.sock").read_text() == "precious"


def test_open_socket_of_a_folder_that_is_not_there(short_folder: Path) -> None:
    error = refused(Listen(uds="run/app.sock"))
    assert error.problem == f"there is no folder {short_folder}/run"
    assert error.advice == ("Make it:", f"  mkdir -p {short_folder}/run")


def test_open_socket_of_a_folder_that_may_not_be_written(
    short_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket.socket, "bind", _denied)
    assert refused(Listen(uds="app.sock")).problem == f"this user may not write to the folder {short_folder}"


def test_open_socket_of_a_path_that_is_too_long(tmp_path: Path) -> None:
    error = refused(Listen(uds=str(tmp_path / ("x" * 120))))
    assert error.problem == "the path is longer than the system allows for a socket, about 100 bytes"


def test_remove_socket_file_removes_it_once_and_does_nothing_for_tcp(short_folder: Path) -> None:
    listen = Listen(uds="app.sock")
    open_socket(listen).close()
    remove_socket_file(listen)
    assert not Path("app.sock").exists()
    remove_socket_file(listen)
    remove_socket_file(Listen())

"""The make-believe shop's PostgreSQL server: started, found again, stopped, whoever asks."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from demo.systems.postgres import BINARIES_VARIABLE, PostgresUnavailable, postgres, running


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="habitue-runner-"))
    folder.chmod(0o755)  # pytest's own folders are closed to the user that PostgreSQL runs as
    yield folder
    postgres(folder).stop()
    shutil.rmtree(folder, ignore_errors=True)


def test_a_server_keeps_its_data_over_a_stop(home: Path) -> None:
    with running(home) as url, psycopg.connect(url) as connection:
        connection.execute("create table kept (n int)")
        connection.execute("insert into kept values (1)")
        connection.commit()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url, connect_timeout=5)
    with running(home) as url, psycopg.connect(url) as connection:
        assert connection.execute("select n from kept").fetchall() == [(1,)]


def test_starting_twice_finds_the_server_and_stopping_twice_is_nothing(home: Path) -> None:
    server = postgres(home)
    assert server.start() == server.start() == postgres(home).url
    server.stop()
    server.stop()
    with pytest.raises(PostgresUnavailable, match="Start it first"):
        assert server.url


def test_a_server_that_was_killed_starts_again(home: Path) -> None:
    server = postgres(home)
    server.start()
    left = server.folder / "data" / "postmaster.pid"
    content = left.read_text()
    server._run("pg_ctl", "-D", str(left.parent), "-m", "immediate", "-w", "stop")
    left.write_text(content)  # as a server leaves it that had no time to end
    with psycopg.connect(server.start()) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_a_data_folder_left_half_made_is_made_again(home: Path) -> None:
    server = postgres(home)
    half = server.folder / "data"
    half.mkdir(parents=True)
    (half / "base").mkdir()
    with psycopg.connect(server.start()) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


def test_it_listens_on_loopback_only(home: Path) -> None:
    with running(home) as url, psycopg.connect(url) as connection:
        assert connection.execute("show listen_addresses").fetchone() == ("127.0.0.1",)
        assert connection.execute("show unix_socket_directories").fetchone() == ("",)


def test_a_folder_without_binaries_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BINARIES_VARIABLE, "/nowhere")
    with pytest.raises(PostgresUnavailable, match=BINARIES_VARIABLE):
        postgres(home)
    monkeypatch.delenv(BINARIES_VARIABLE)


def test_the_binaries_can_be_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = postgres(home).binaries
    for named in (found, found.parent):
        monkeypatch.setenv(BINARIES_VARIABLE, str(named))
        assert postgres(home).binaries == found


def test_a_closed_folder_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    if closed.owner() != "root":
        return  # an ordinary user runs the server as itself and reaches its own folders
    with pytest.raises(PostgresUnavailable, match="chmod"):
        postgres(closed).start()
    assert not (closed / "demo" / "postgres" / "data").exists()

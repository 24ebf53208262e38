"""What `demo` says when it cannot serve; that it serves is tests/integration/test_demo_curl.py."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tenants.cli import cli
from tests.running_demo import free_port_pair


@pytest.fixture
def port() -> int:
    return free_port_pair()


@pytest.fixture(params=[0, 1], ids=["the API's", "the pages'"])
def taken(port: int, request: pytest.FixtureRequest) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", port + request.param)):
        yield port + request.param


def run(port: int, data: Path) -> Result:
    return CliRunner().invoke(cli, ["demo", "--port", str(port), "--data", str(data)])


def test_a_port_that_is_taken_is_one_line(port: int, taken: int, tmp_path: Path) -> None:
    result = run(port, tmp_path / "data")
    assert result.exit_code == 1
    assert f"cannot listen on port {taken}: " in result.output
    assert "--port" in result.output
    assert result.output.count("\n") == 1


def test_nothing_is_made_when_a_port_is_taken(port: int, taken: int, tmp_path: Path) -> None:
    run(port, tmp_path / "data")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_one_line(port: int, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = run(port, tmp_path / "file" / "data")
    assert result.exit_code == 1
    assert result.output == f"error: cannot use {tmp_path}/file/data/port-{port}: Not a directory\n"


def test_a_file_in_the_place_of_the_folder_is_wrong_usage(port: int, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert run(port, tmp_path / "file").exit_code == 2


def test_a_master_key_that_cannot_be_used_is_one_line(port: int, tmp_path: Path) -> None:
    folder = tmp_path / f"port-{port}"
    folder.mkdir()
    (folder / "tenantauth.key").write_text("nonsense")
    result = run(port, tmp_path)
    assert (result.exit_code, result.output.count("\n")) == (1, 1)


@pytest.mark.parametrize("port", ["0", "65535", "http"])
def test_a_port_without_one_above_it_is_wrong_usage(port: str) -> None:
    assert CliRunner().invoke(cli, ["demo", "--port", port]).exit_code == 2

"""Fixtures that are dear: one PostgreSQL for all tests of a worker."""

from collections.abc import Iterator

import pytest

from tests.sessions.postgres import Server, running_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    yield from running_server()


@pytest.fixture
def clinic_database(postgres: Server) -> str:
    return postgres.new_database()

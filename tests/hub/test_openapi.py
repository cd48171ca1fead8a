import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from deploy.demo.ports import free_port
from fenhe_hub.api.operations import OPERATIONS
from fenhe_hub.api.routes import PREFIX, add_api_routes
from tests.hub.index_builder import MadeHub, build_hub

SECONDS = 120  # far above what it takes; a hang fails instead of blocking


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> MadeHub:
    url = f"http://127.0.0.1:{free_port()}"
    return build_hub(tmp_path_factory.mktemp("hub"), url=url)


@pytest.fixture
async def server(made: MadeHub) -> AsyncIterator[TestServer]:
    app = web.Application()
    add_api_routes(app, made.reading)
    server = TestServer(app, port=int(made.reading.url.rpartition(":")[2]))
    await server.start_server()
    yield server
    await server.close()


@pytest.fixture
async def document(server: TestServer) -> dict[str, Any]:
    url = server.make_url(f"{PREFIX}/openapi.json")
    async with ClientSession() as session, session.get(url) as answer:
        assert answer.content_type == "application/json"
        found: dict[str, Any] = await answer.json()
        return found


def served_paths(server: TestServer) -> Iterator[str]:
    for resource in server.app.router.resources():
        assert isinstance(resource, web.PrefixedSubAppResource)
        for route in resource:
            if route.method == "GET" and route.resource:
                yield route.resource.canonical.removeprefix(PREFIX)


def test_what_is_served_is_documented_and_the_other_way_round(
    server: TestServer, document: dict[str, Any]
) -> None:
    assert sorted(served_paths(server)) == sorted(document["paths"])


def test_every_schema_is_a_json_schema(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_every_operation_says_all_its_answers(document: dict[str, Any]) -> None:
    for operation in OPERATIONS:
        responses = document["paths"][operation.path]["get"]["responses"]
        assert {"200", "304", "400", "default"} <= set(responses)
        assert responses["200"]["content"]
    for name in ("unit", "resource", "proof", "verify", "records"):
        (found,) = [
            each["get"] for each in document["paths"].values() if each["get"]["operationId"] == name
        ]
        assert "404" in found["responses"]


def test_public_bodies_are_described_and_no_other_tier(document: dict[str, Any]) -> None:
    instrument = document["components"]["schemas"]["Record.instrument"]["else"]["properties"]
    assert "name_zh" in instrument
    assert not {"value_yuan", "funds", "contact_person"} & set(instrument)


@pytest.mark.no_cover
async def test_schemathesis_finds_nothing(server: TestServer, tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("schemathesis")
    process = await asyncio.create_subprocess_exec(
        *(program, "run", str(server.make_url(f"{PREFIX}/openapi.json"))),
        *("--max-examples", "20", "--generation-deterministic", "--no-color"),
        cwd=tmp_path,
        env=os.environ | {"COLUMNS": "120"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await asyncio.wait_for(process.communicate(), SECONDS)
    assert process.returncode == 0, output.decode()

"""What stands in `deploy/` fits the code: settings that exist, every role once, files that are there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from app.settings import Settings, load
from app.supervisor import ROLES

DEPLOY = Path(__file__).parents[2] / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
CITY = {name: service for name, service in COMPOSE["services"].items() if service.get("image") == "anbu"}


def filled(text: str) -> str:
    return re.sub(r"\$\{[A-Z_]+:\?\}", "filled", text)


def test_every_service_of_the_city_has_settings_that_load() -> None:
    assert CITY
    for service in CITY.values():
        environment = {name: filled(value) for name, value in service["environment"].items()}
        settings = load(environment)
        assert {f"ANBU_{field.upper()}" for field in Settings.__struct_fields__} >= environment.keys()
        assert settings.broker_control == "dynamic-security"
        assert settings.broker_url.startswith("mqtts://city:")


def test_every_role_runs_once() -> None:
    only = [
        command[-1] for service in CITY.values() if (command := service["command"])[:3] == ["anbu", "run", "--only"]
    ]
    assert sorted(only) == sorted(ROLES)


def test_the_first_file_of_accounts_is_where_the_broker_looks_for_it() -> None:
    looked_for = re.search(r"plugin_opt_config_file (\S+)", (DEPLOY / "mosquitto" / "mosquitto.conf").read_text())
    assert looked_for is not None
    accounts = CITY["accounts"]
    assert accounts["command"][-1] == looked_for[1]
    assert "broker:/mosquitto/data" in accounts["volumes"]
    assert "broker:/mosquitto/data" in COMPOSE["services"]["broker"]["volumes"]


def test_what_is_mounted_or_built_is_here_or_is_made_as_the_page_says() -> None:
    page = (DEPLOY / "README.md").read_text()
    for service in COMPOSE["services"].values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("./"):
                assert (DEPLOY / source).exists() or f"make-certificates.sh {source[2:]} " in page, source
            else:
                assert source in COMPOSE["volumes"], source
        build = service.get("build")
        if build:
            assert (DEPLOY / build["context"] / build.get("dockerfile", "Dockerfile")).is_file()


def test_every_secret_is_asked_for_and_named_on_the_page() -> None:
    page = (DEPLOY / "README.md").read_text()
    asked = set(re.findall(r"\$\{([A-Z_]+)", (DEPLOY / "compose.yaml").read_text()))
    assert asked == set(re.findall(r"^([A-Z_]+)=", page, re.M))

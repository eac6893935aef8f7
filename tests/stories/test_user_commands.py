"""`anbu user` as an operator types it, on a real folder, and the account that comes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from access import accounts, passwords
from access.roles import PERMISSIONS, Role
from store.database import Database
from tests.stories.test_commands import Shell
from tests.typed import Done, anbu

ROOT = Path(__file__).parents[2]


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path, ANBU_API_TOKEN="")


def answers(shell: Shell, *words: str, said: str = "") -> Done:
    return anbu("user", *words, environ=shell.environ, folder=shell.folder, said=said)


def test_an_operator_makes_accounts(shell: Shell) -> None:
    shell.say("city", "load", "gwangju")
    shell.say("member", "add", "김미정", "--id", "kim", "--area", "gwangju/nam-gu")
    code, out, told = answers(
        shell, "add", "duri@city.example", "--name", "이두리", "--role", "admin", "--area", "gwangju"
    )
    assert (code, "shown this once" in told) == (0, True)
    db = Database(f"sqlite:///{shell.folder / 'data' / 'anbu.db'}")

    def kept(login: str) -> accounts.Account:
        with db.read() as tx:
            found = accounts.by_login(tx, login)
        assert found is not None
        return found

    assert passwords.holds(kept("duri@city.example").password, out.strip())
    manager = ("add", "mijeong", "--name", "김미정", "--role", "manager", "--member", "kim")
    area = ("--area", "gwangju/nam-gu")
    for words, sentence in (
        ((*manager, "--area", "gwangju/no-gu"), "지역 'gwangju/no-gu'은(는) 이 도시에 없습니다."),
        ((*manager[:-1], "nobody", *area), "담당자 'nobody'이(가) 없습니다. 먼저 등록해 주세요: anbu member add"),
        ((*manager, *area, "--provider", "p"), "역할 'manager'에는 제공기관을 적지 않습니다."),
        (("add", "w-1", "--name", "x", "--role", "worker", "--provider", "p-0", "--language", "en"),
         "There is no provider 'p-0'."),
        ((*manager, *area, "--language", "en", "--home", "home-1"),
         "The role 'manager' has no homes: only a resident's or a relative's account has up to 20."),
    ):  # fmt: skip
        assert answers(shell, *words, "--no-password") == (1, "", sentence + "\n")
    code, _, told = answers(shell, "add", "x-1", "--name", "x", "--role", "king")
    assert (code, "none of manager, supervisor, admin" in " ".join(told.split())) == (2, True)
    weak = answers(shell, *manager, *area, "--password-stdin", said="password1234\n")
    assert (weak[0], "누구나 떠올릴 수 있는" in weak[2]) == (1, True)
    strong = "느린 달팽이가 기차를 탄다"
    assert answers(shell, *manager, *area, "--password-stdin", said=strong + "\n")[:2] == (0, "")
    assert passwords.holds(kept("mijeong").password, strong)
    code, word, _ = answers(shell, "token", "mijeong", "--name", "집계", "--permission", "case.read")
    assert (code, word.startswith("anbu_")) == (0, True)
    assert answers(shell, "token", "mijeong", "--name", "x", "--permission", "account.write")[0] == 1
    assert answers(shell, "disable", "mijeong")[0] == 0
    assert not kept("mijeong").active
    assert answers(shell, "enable", "mijeong")[0] == 0
    code, fresh, _ = answers(shell, "password", "mijeong")
    assert passwords.holds(kept("mijeong").password, fresh.strip())
    assert answers(shell, "password", "nobody")[0] == 1
    shell.environ["COLUMNS"] = "200"
    code, listed, _ = answers(shell, "list")
    assert "duri@city.example" in listed
    assert "argon2" not in listed
    db.close()


def test_the_table_of_roles_in_the_document_is_the_one_that_holds() -> None:
    """Each row of docs/accounts.md's table of permissions: a permission, and a mark in the column of each role."""
    roles = [role for role in Role if role is not Role.SYSTEM]
    head = f"| permission | {' | '.join(roles)} |"
    rows = [
        f"| `{name}` | " + " | ".join("●" if role in having else "" for role in roles) + " |"
        for name, having in PERMISSIONS.items()
        if having - {Role.SYSTEM}
    ]
    table = "\n".join([head, "|---|" + "---|" * len(roles), *rows])
    text = (ROOT / "docs" / "accounts.md").read_text(encoding="utf-8")
    assert table in text, f"put this into docs/accounts.md:\n{table}"

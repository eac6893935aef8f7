"""`anbu user`: who may log in, as what, and for which area, provider or home."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy.engine import Connection

from access import accounts, audit, passwords, tokens
from access.accounts import Account, Wanted
from access.actor import SYSTEM
from access.roles import PERMISSIONS, Role
from app.city import City
from app.cli.options import Language
from app.settings import load
from core.care import Refused
from core.clock import wall_now
from core.words import say

users = typer.Typer(help="Accounts: who may log in.", no_args_is_help=True)
Login = Annotated[str, typer.Argument(help="What they log in with: an e-mail address is one.")]
FromStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input; else one is made and shown.")
]
Done = TypeVar("Done")
ROLES = tuple(role.value for role in Role if role is not Role.SYSTEM)


def register(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    app.add_typer(users, name="user")


@users.command("add")
def add(
    login: Login,
    name: Annotated[str, typer.Option(help="The person's name.")],
    role: Annotated[str, typer.Option(help=f"One of {', '.join(ROLES)}.")],
    area: Annotated[str, typer.Option(help="What lies below it is theirs, such as gwangju/nam-gu.")] = "",
    member: Annotated[str, typer.Option(help="The id by which they are called (`anbu member add`).")] = "",
    provider: Annotated[str, typer.Option(help="The provider that a worker works for.")] = "",
    home: Annotated[list[str] | None, typer.Option(help="A home of a resident or a relative; several times.")] = None,
    password_stdin: FromStdin = False,
    without_password: Annotated[
        bool, typer.Option("--no-password", help="They come in by the organisation's own log-in.")
    ] = False,
    language: Language = "ko",
) -> None:
    """Make an account. Its password is shown once."""
    if role not in ROLES:
        raise typer.BadParameter(f"{role!r} is none of {', '.join(ROLES)}", param_hint="--role")
    wanted = Wanted(login, name, Role(role), area, member or None, provider or None, language, tuple(home or ()))
    word = None if without_password else _word(password_stdin)
    kept = None if word is None else _done(passwords.fresh(word, login, name), language)
    city = City(load())
    with city.db.write() as tx:
        made = _done(accounts.add(tx, wanted, kept, wall_now()), language)
        _noted(tx, "account_new", made.id)
    _tell(made, None if password_stdin else word)


@users.command("list")
def list_users() -> None:
    """List the accounts."""
    city = City(load())
    table = Table("log-in", "name", "role", "reaches", "member", "state", "id")
    with city.db.read() as tx:
        found: list[Account] = []
        while page := accounts.select(tx, accounts.reached_by(SYSTEM), 500, found[-1].login if found else ""):
            found += page
    for it in found:
        reaches = it.area or it.provider or " ".join(it.homes)
        row = (it.login, it.name, it.role, reaches, it.member or "", "active" if it.active else "disabled", it.id)
        table.add_row(*(escape(cell) for cell in row))
    Console().print(table)


@users.command("disable")
def disable(login: Login, language: Language = "ko") -> None:
    """Nobody comes in by this account any more, from the next request on."""
    city = City(load())
    with city.db.write() as tx:
        it = _known(tx, login, language)
        accounts.disable(tx, it.id, wall_now())
        _noted(tx, "account_disable", it.id)
    Console().print(f"{it.login} is disabled.", markup=False)


@users.command("enable")
def enable(login: Login, language: Language = "ko") -> None:
    """Let an account in again."""
    city = City(load())
    with city.db.write() as tx:
        it = _known(tx, login, language)
        accounts.enable(tx, it.id)
        _noted(tx, "account_enable", it.id)
    Console().print(f"{it.login} comes in again.", markup=False)


@users.command("password")
def password(login: Login, password_stdin: FromStdin = False, language: Language = "ko") -> None:
    """Give an account a new password; it is logged out everywhere."""
    city, word = City(load()), _word(password_stdin)
    with city.db.read() as tx:
        it = _known(tx, login, language)
    kept = _done(passwords.fresh(word, it.login, it.name), language)
    with city.db.write() as tx:
        accounts.put_password(tx, it.id, kept, wall_now())
        _noted(tx, "password", it.id)
    _tell(it, None if password_stdin else word)


@users.command("token")
def token(
    login: Login,
    name: Annotated[str, typer.Option(help="What the token is for.")],
    permission: Annotated[list[str], typer.Option(help=f"Some of {', '.join(PERMISSIONS)}.")],
    days: Annotated[int, typer.Option(min=1, max=tokens.LONGEST_D, help="How long it holds.")] = 90,
    language: Language = "ko",
) -> None:
    """Make a token for a program, with a part of what an account may. It is shown once."""
    city, now = City(load()), wall_now()
    with city.db.write() as tx:
        it = _known(tx, login, language)
        made = tokens.make(tx, it.id, it.role, name[:100], permission, now + timedelta(days=days), now)
        found, word = _done(made, language)
        _noted(tx, "token", found.id)
    Console(stderr=True).print(f"{found.id} holds until {found.ends_at:%Y-%m-%d}; it is shown this once:", markup=False)
    sys.stdout.write(f"{word}\n")


def _word(from_stdin: bool) -> str:
    return sys.stdin.readline().rstrip("\r\n") if from_stdin else passwords.generated()


def _known(tx: Connection, login: str, language: str) -> Account:
    return _done(accounts.by_login(tx, login) or Refused("unknown_account"), language)


def _noted(tx: Connection, action: str, account: str) -> None:
    audit.note(tx, SYSTEM, action, "account", account, request="anbu user", now=wall_now())


def _tell(it: Account, word: str | None) -> None:
    screen = Console(stderr=True)
    screen.print(f"{it.name} ({it.login}) logs in as {it.role}.", markup=False, highlight=False)
    if word is not None:
        screen.print("The password, shown this once:", markup=False)
        sys.stdout.write(f"{word}\n")


def _done(done: Done | Refused, language: str) -> Done:
    """What was done; else says why not, in one line, and ends the command with 1."""
    if isinstance(done, Refused):
        sys.stderr.write(say(f"access.refused.{done.code}", language, done.numbers) + "\n")
        raise typer.Exit(1)
    return done

"""`school-contact`: 负责人 and 联络人 of a school with their terms (GD-5.3)."""

from datetime import datetime

import click

from bot.cli.context import Context
from monitor.clock import business_day
from monitor.units import Role, UnitId, Viewer
from monitor.usecases.index.contacts import ContactDuty, SchoolContacts
from monitor.usecases.index.questions import shipped_media

_OPERATOR = Viewer("cli:contacts", Role.INSPECTOR, UnitId(0), "/")  # who has the database sees everything


@click.command("school-contact")
@click.argument("school")
@click.argument("duty", type=click.Choice([duty.value for duty in ContactDuty]), required=False)
@click.argument("name", required=False)
@click.argument("phone", required=False)
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="任职首日，默认今天")
@click.pass_obj
def school_contact(
    context: Context, school: str, duty: str | None, name: str | None, phone: str | None,
    since: datetime | None,
) -> None:  # fmt: skip
    """登记高校的负责人或联络人（高校 职责 姓名 电话），只写高校则列出历任。"""
    services = context.services()
    contacts = SchoolContacts(services.database, services.clock, shipped_media().rules.head.unit_kinds)
    if duty is not None:
        first = since.date() if since else business_day(services.clock())
        contacts.name(_OPERATOR, school, ContactDuty(duty), name or "", phone or "", first)
    for term in contacts.terms(_OPERATOR, school):
        until = f"至 {term.until}" if term.until else "今"
        click.echo(f"{term.duty} {term.name} {term.phone}（{term.since} 起{until}）")

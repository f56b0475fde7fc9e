"""The board (排名) of a unit's children as document. Pure."""

from datetime import date

from monitor.days.readings import Ranking
from monitor.texts.wording import data_time_words
from reports.briefs import unit_table
from reports.document import Document, Part


def ranking_document(ranking: Ranking, today: date) -> Document:
    """Lay out a whole board, best first, units without data last."""
    ranked = sum(row.rank is not None for row in ranking.rows)
    kind = f"（{ranking.kind}）" if ranking.kind else ""
    return Document(
        title=f"{ranking.unit.name}下级单位群达标率排名{kind}",
        subtitle=f"{ranking.first_day} 至 {ranking.last_day}",
        data_time=data_time_words(ranking.data_at, today),
        lead=(f"{ranked} 个单位参加排名，{len(ranking.rows) - ranked} 个没有数据。",),
        parts=(Part("排名", tables=(unit_table(ranking.rows, "排名"),)),),
        notes=(
            "达标率 = 达标群日 / 有数据群日，只含已定稿的日子；名次相同并列。",
            "较上期：与前一段同样天数相比升降的名次；样本少：有数据不足 5 群日。",
        ),
    )

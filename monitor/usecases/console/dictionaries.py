"""字典: read the lists of words with their uses, rename and switch off unit kinds. Functions of a chair.

The operator of the whole tree changes, inspectors and other operators look. Key types: none of its own.
"""

from monitor.classify.verdicts import Category
from monitor.console.dictionaries import UNIT_KIND, Word, WordList, require_change, unit_kinds
from monitor.errors import BadParameter, CommandError
from monitor.ledger.registration import clean_name
from monitor.registers import RegisterKind
from monitor.store import directory
from monitor.store.console import dictionaries
from monitor.units import Role
from monitor.usecases.oversight.desk import Chair
from monitor.usecases.rules.in_force import dated
from scoring.activity import ActivityGrade
from scoring.duty import DutyState

READERS = frozenset((Role.INSPECTOR, Role.OPERATOR))


def read_word_lists(chair: Chair) -> list[WordList]:
    """Return every list, the open ones first.

    Source: HN-1.1, HN-1.2 for unit kinds; each other list names its own.
    Raises: CommandError for others than inspectors and operators.
    """
    if chair.viewer.role not in READERS:
        raise CommandError("role may not", user_text="字典由督导检查和系统运维查看")
    registers = dictionaries.count_register_kinds(chair.connection)
    roles = dictionaries.count_roles(chair.connection)
    register_words = [Word(kind.value, registers.get(kind.value, 0)) for kind in RegisterKind]
    return [
        read_unit_kinds(chair),
        WordList("督导登记类别", "HN-2.1.2、HN-2.1.4", "登记", register_words),
        WordList(
            "角色",
            "内置，范围随单位（HN-1.2）",
            "账号",
            [Word(one.value, roles.get(one.value, 0)) for one in Role],
        ),
        WordList("不良信息类别", "HN-2.2.1c", "", [Word(one.value, None) for one in Category]),
        WordList("活跃度等次", "HN-4.1d", "", [Word(one.value, None) for one in ActivityGrade]),
        WordList("每日职责", "HN-2.1.3", "", [Word(one.value, None) for one in DutyState]),
    ]


def read_unit_kinds(chair: Chair) -> WordList:
    """Return the unit kinds (单位类别) with their uses and what holds them fast."""
    rules = dated(chair.office.rules, chair.connection)
    bound: dict[str, str] = {}
    for head in (rules.on(chair.today).rulebook.head, rules.media_on(chair.today).rules.head):
        bound |= dict.fromkeys(head.unit_kinds + head.reference_unit_kinds, f"《{head.title}》")
    root = directory.load_ancestors(chair.connection, chair.viewer.unit_path)[0]
    uses = dictionaries.count_unit_kinds(chair.connection)
    retired = dictionaries.load_retired(chair.connection, UNIT_KIND)
    return unit_kinds(uses, retired, bound, root.kind)


def rename_unit_kind(chair: Chair, kind: str, new: str) -> int:
    """Give all units of a kind another name; a name in use joins both. Returns how many units.

    Source: HN-1.1, HN-1.2 (kinds are data).
    Raises: CommandError for others than the operator of the whole tree; BadParameter; WordLocked.
    """
    _require_keeper(chair)
    kinds = read_unit_kinds(chair)
    require_change(kinds, kind)
    name = clean_name(new, "新名称")
    if name == kind:
        raise BadParameter("same name", user_text="新名称与现在相同")
    if name in {one.text for one in kinds.words if not one.is_on}:
        raise BadParameter("retired name", user_text=f"“{name}”已停用，请先启用或换一个名称")
    n_units = dictionaries.rename_unit_kind(chair.connection, kind, name)
    dictionaries.drop_entry(chair.connection, UNIT_KIND, kind)
    chair.record("dictionary.renamed", f"dictionary:{UNIT_KIND}", before=kind, after=name, units=n_units)
    return n_units


def switch_unit_kind(chair: Chair, kind: str, *, is_on: bool) -> bool:
    """Switch a kind off or on for new units; units that have it keep it. False if it stands so already.

    Raises: as `rename_unit_kind`.
    """
    _require_keeper(chair)
    word = require_change(read_unit_kinds(chair), kind)
    if word.is_on == is_on:
        return False
    viewer, at = chair.viewer.identity, chair.now
    dictionaries.save_entry(chair.connection, UNIT_KIND, kind, viewer, at, is_on=is_on)
    chair.record(f"dictionary.{'on' if is_on else 'off'}", f"dictionary:{UNIT_KIND}", word=kind)
    return True


def may_keep(chair: Chair) -> bool:
    """Tell whether the viewer may change the lists: they concern every unit."""
    return chair.viewer.role is Role.OPERATOR and chair.viewer.unit_path.count("/") == 2


def _require_keeper(chair: Chair) -> None:
    if not may_keep(chair):
        raise CommandError("not the keeper", user_text="字典由最上级单位的系统运维更改")

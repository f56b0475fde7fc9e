"""Strict reading of facts (考核数据) that come as JSON values: nothing unknown, nothing of the wrong type.

Imports only the standard library and `scoring.errors`. Key types: `FactTable`.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation

from scoring.errors import InputError

MAX_COUNT = 10**12
MAX_DECIMALS = 4


class FactTable:
    """One JSON object with its key path, for readable refusals.

    Raises: InputError from every method, naming the key path.
    """

    def __init__(self, values: object, path: str = "") -> None:
        """Wrap a mapping; anything else is refused."""
        self.path = path
        if not isinstance(values, Mapping):
            raise InputError(f"must be an object, got {_short(values)}", key_path=path or "(whole input)")
        self.values: Mapping[str, object] = values

    def at(self, key: str) -> str:
        """Key path of one key of this table."""
        return f"{self.path}.{key}" if self.path else key

    def refuse(self, key: str, problem: str) -> InputError:
        """Build the error for one key; the caller raises it."""
        return InputError(problem, key_path=self.at(key))

    def only(self, keys: Iterable[str]) -> None:
        """Refuse any key that is not listed."""
        allowed = sorted(keys)
        for key in self.values:
            if key not in allowed:
                raise self.refuse(_short(key).strip("'"), f"unknown (allowed: {', '.join(allowed)})")

    def has(self, key: str) -> bool:
        """Whether the key is present with a value; null is absent."""
        return self.values.get(key) is not None

    def table(self, key: str) -> "FactTable":
        """Read a sub-object; absent is empty."""
        return FactTable(self.values[key] if self.has(key) else {}, self.at(key))

    def entries(self, key: str) -> list["FactTable"]:
        """Read an array of objects; absent is empty."""
        return [FactTable(entry, f"{self.at(key)}[{n}]") for n, entry in enumerate(self.items(key))]

    def items(self, key: str) -> list[object]:
        """Read an array; absent is empty."""
        values = self.values[key] if self.has(key) else []
        if not isinstance(values, list | tuple):
            raise self.refuse(key, f"must be an array, got {_short(values)}")
        return list(values)

    def text(self, key: str) -> str:
        """Read a text that is not blank."""
        value = self.values.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.refuse(key, f"must be a text that is not blank, got {_short(value)}")
        return value

    def optional_text(self, key: str) -> str:
        """Read a text; absent or blank is empty."""
        value = self.values[key] if self.has(key) else ""
        if not isinstance(value, str):
            raise self.refuse(key, f"must be a text, got {_short(value)}")
        return value.strip()

    def flag(self, key: str, default: bool | None = None) -> bool:
        """Read true or false; absent is the default where there is one."""
        value = self.values[key] if self.has(key) else default
        if not isinstance(value, bool):
            raise self.refuse(key, f"must be true or false, got {_short(value)}")
        return value

    def count(self, key: str) -> int:
        """Read an integer from 0 to 10^12."""
        value = self.values.get(key)
        if type(value) is not int or not 0 <= value <= MAX_COUNT:
            raise self.refuse(key, f"must be an integer from 0 to {MAX_COUNT}, got {_short(value)}")
        return value

    def number(self, key: str, *, decimals: int = MAX_DECIMALS) -> Decimal:
        """Read a finite number, as text or JSON number, with few enough decimals to be added exactly."""
        value = self.values.get(key)
        if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
            raise self.refuse(key, f"must be a number as text, got {_short(value)}")
        try:
            number = Decimal(value)
        except (InvalidOperation, ValueError) as error:
            raise self.refuse(key, f"must be a number, got {_short(value)}") from error
        if not number.is_finite() or abs(number) > MAX_COUNT:
            raise self.refuse(key, f"must be a finite number of at most {MAX_COUNT}, got {_short(value)}")
        if int(number.as_tuple().exponent) >= -decimals:
            return number
        shortened = number.quantize(Decimal(1).scaleb(-decimals))
        if shortened != number:
            raise self.refuse(key, f"must have at most {decimals} decimals, got {_short(value)}")
        return shortened


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"

"""What is wrong is said beside the field it is about, and what was typed stays (requirements D.2)."""

import pytest

from tests.web.conftest import Login, csrf_token


@pytest.mark.parametrize(
    ("who", "page", "action", "sent", "field"),
    [
        ("luchuan", "/unregistered", "/unregistered/claim", {"external_id": "x-9", "code": "NONE9"}, "code"),
        ("luchuan", "/reports", "/reports", {"kind": "简报", "form": "pdf", "period": "上旬"}, "period"),
        ("luchuan", "/lower", "/lower/2026", {"title": "年度办法", "document": ""}, "document"),
        (
            "luchuan", "/lower", "/lower/2026",
            {"title": "年度办法", "document": "〔2026〕1号", "points-LC01": "很好"}, "points-LC01",
        ),
        ("province", "/rules/trial", "/rules/trial", {"period": "2026", "switch": "D-99=x"}, "switch"),
        ("province", "/rules/trial", "/rules/trial", {"period": "明年", "clause": "HN-4.1d"}, "period"),
    ],
)  # fmt: skip
def test_a_refusal_stands_beside_its_field(
    login: Login, who: str, page: str, action: str, sent: dict[str, str], field: str
) -> None:
    client = login(who)
    token = csrf_token(client.get(page).text)
    response = client.post(action, data={"csrf_token": token} | sent)
    assert response.status_code == 400
    assert f'class="problem" id="p-{field}"' in response.text
    for name, value in sent.items():
        assert name in ("kind", "form") or not value or f'value="{value}"' in response.text

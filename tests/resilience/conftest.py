"""Fixtures of tests/monitor and tests/web that these tests stand on too."""

from tests.monitor.conftest import host_zone as host_zone
from tests.monitor.conftest import judge as judge
from tests.monitor.conftest import receiver as receiver
from tests.web.conftest import filled as filled
from tests.web.conftest import filled_template as filled_template
from tests.web.conftest import rulebook as rulebook

"""Fixtures of tests/monitor that these tests stand on too."""

from tests.monitor.conftest import host_zone as host_zone
from tests.monitor.conftest import judge as judge
from tests.monitor.conftest import receiver as receiver

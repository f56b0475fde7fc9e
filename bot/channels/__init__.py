"""Ways to reach people: one small file per channel, all implementing `monitor.ports.Channel`.

`wecom_app`, `wecom_robot`, `template` and `customer_service` send; `http` calls the platform, `codes` says
what an error code means for a delivery, `authorized` adds the access token, `texts` fits texts to limits.
"""

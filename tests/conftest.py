"""What all tests share: hypothesis without a clock (these machines stall), the same examples every time.

`pytest --hypothesis-profile=explore` looks for new ones.
"""

from hypothesis import HealthCheck, settings

settings.register_profile("steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("explore", deadline=None, max_examples=2000, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")

"""One host in one rollout: the reducer, and the vocabulary of its record, events and effects.

Importing this loads the generated reducer, msgspec and the standard library; never the
declarations (`states`, `record`, `events`, `effects`, `policy`, `table`, …), and never the
engine. `nixfleet_state_machine.wire` is the JSON codec.
"""

from nixfleet_state_machine.reducer import *  # noqa: F403  # its __all__ is the contract
from nixfleet_state_machine.reducer import __all__ as __all__

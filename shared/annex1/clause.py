"""What the certificate clause of an agreement may ask for, by name.

Admission publishes no agreement that asks for anything else; certification makes these formats and tests these
conditions. A name that is known on one side only would leave every certificate of the agreement incomplete.
"""

from typing import Final

FORMATS: Final = frozenset({"european_digital_credential", "open_badges_3", "open_badges_3_jwt", "pdf"})

CONDITIONS: Final = frozenset({"identity_verified", "supervised"})

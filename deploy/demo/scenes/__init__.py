"""The scenes, in the order in which they are told."""

from collections.abc import Callable
from typing import Final

from deploy.demo.scenes import (
    attendance,
    certificate,
    fifth_partner,
    no_board,
    one_door,
    recognition,
    registered,
    rotation,
    stack,
    wallet,
)
from deploy.demo.story import Story

SCENES: Final[tuple[Callable[[Story], None], ...]] = (
    one_door.play,
    registered.play,
    no_board.play,
    certificate.play,
    attendance.play,
    recognition.play,
    wallet.play,
    stack.play,
    rotation.play,
    fifth_partner.play,
)

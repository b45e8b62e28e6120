"""The agreements and offerings of the demonstration.

The institutions are real and carry facts only: SCHAC code, names, country, public website. What they do here
(agreements, dates, fees, decisions on quality) is invented, modelled on public descriptions of such programmes; one
company and one joint course are inventions through and through, and their texts say so.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from deploy.demo.consortium import agreements
from deploy.demo.consortium.blended_programme import blended_programme
from deploy.demo.consortium.chip_design import chip_design
from deploy.demo.consortium.port_cities import port_cities
from deploy.demo.consortium.sustainability import sustainability
from deploy.demo.consortium.two_tracks import two_tracks

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Programme:
    """An agreement and the offering under it, as a coordinator posts them; `today` sets dates around it."""

    agreement: Callable[[date], Document]
    offering: Callable[[date], Document]


PROGRAMMES = (
    Programme(agreements.una_europa, sustainability),
    Programme(agreements.chip_design, chip_design),
    Programme(agreements.blended_programme, blended_programme),
    Programme(agreements.open_university, two_tracks),
    Programme(agreements.port_cities, port_cities),
)

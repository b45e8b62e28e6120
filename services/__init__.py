"""The four services of Passerelle and the two places that know them all."""

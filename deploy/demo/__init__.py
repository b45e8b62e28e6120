"""The demonstration: a consortium of real universities and invented people, played through the public REST API only.

`python -m deploy.demo --profile embedded|distributed` starts the system, plays five scenes and says by its exit
status whether everything was as expected; `python -m deploy.demo serve` loads the consortium and keeps running.
"""

"""Many act at the same time, a moment comes in the middle, and a failure is not waited out."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from deploy.demo import __main__ as command
from deploy.demo import story
from deploy.demo.cast import cast
from deploy.demo.expect import Teller
from deploy.demo.journey import Journey
from deploy.demo.story import Story
from deploy.local_servers.process import ServerMissingError


def _story(tmp_path, moment=lambda _name: None, parts=()):
    return Story(
        system=None,
        door=None,
        teller=Teller(lambda _line: None),
        folder=tmp_path,
        journeys=[Journey(part, None) for part in parts],
        within=1.0,
        moment=moment,
        staff=None,
        administrator=None,
    )


def test_results_come_in_the_order_of_those_who_worked(tmp_path):
    assert _story(tmp_path).all_at_once(lambda n: n * n, range(20)) == [n * n for n in range(20)]


def test_the_moment_comes_in_the_playing_thread_while_others_are_at_work(tmp_path):
    begun, finish = threading.Event(), threading.Event()
    where = []

    def work(_):
        begun.set()
        assert finish.wait(60)

    def moment(name):
        assert begun.wait(60)
        where.append((name, threading.current_thread()))
        finish.set()

    _story(tmp_path, moment).all_at_once(work, range(3), moment="in the middle")
    assert where == [("in the middle", threading.current_thread())]


def test_after_a_failure_those_who_have_not_begun_do_not_begin(monkeypatch, tmp_path):
    begun, sent_home = [], threading.Event()

    class Pool(ThreadPoolExecutor):
        def shutdown(self, *, wait=True, cancel_futures=False):
            super().shutdown(wait=False, cancel_futures=cancel_futures)
            sent_home.set()
            super().shutdown(wait=wait)

    def work(number):
        begun.append(number)
        if number == 0:
            raise ValueError(number)
        assert sent_home.wait(60)

    monkeypatch.setattr(story, "ThreadPoolExecutor", Pool)
    with pytest.raises(ValueError, match="0"):
        _story(tmp_path).all_at_once(work, range(1000))
    assert len(begun) < 1000


@pytest.mark.parametrize("small", [True, False])
def test_every_scene_finds_the_one_that_it_is_about(small, tmp_path):
    played = _story(tmp_path, parts=cast(small=small))
    for twist in ("declines", "promoted", "denied", "hold", "resit", "overturned", "later"):
        assert played.one(twist).part.twist == twist


def test_without_servers_the_distributed_demonstration_says_what_to_install(monkeypatch, tmp_path, capsys):
    def missing():
        raise ServerMissingError("no PostgreSQL: `apt install postgresql` brings it")

    monkeypatch.setattr(command, "start_postgres", missing)
    monkeypatch.setattr(sys, "argv", ["demo", "--profile", "distributed", "--home", str(tmp_path / "home")])
    assert command.main() == 2
    assert "apt install postgresql" in capsys.readouterr().err


def test_a_foreign_folder_is_refused_before_anything_is_started(monkeypatch, tmp_path, capsys):
    (tmp_path / "mine").write_text("keep")
    monkeypatch.setattr(sys, "argv", ["demo", "--home", str(tmp_path)])
    assert command.main() == 2
    assert "not empty" in capsys.readouterr().err
    assert (tmp_path / "mine").exists()

from sketchsause_desktop.core.changed_places import ChangedPlaces
from sketchsause_desktop.core.geometry import Rect


def test_what_is_shown_and_what_changes_no_colours_is_forgotten() -> None:
    places = ChangedPlaces()
    for revision in range(4):
        places.note(revision, Rect(10 * revision, 0, 5, 5))
    places.forget_until(1)
    assert places.box == Rect(20, 0, 15, 5)
    places.forget_after(2)
    assert places.box == Rect(20, 0, 5, 5)
    places.clear()
    assert places.box.is_empty


def test_however_many_there_are_they_are_all_in_the_box_until_the_newest_is_shown() -> None:
    places = ChangedPlaces()
    for revision in range(1000):
        places.note(revision, Rect(revision, 0, 1, 1))
        assert places.box == Rect(0, 0, revision + 1, 1)
    places.forget_until(800)
    assert places.box.contains(Rect(801, 0, 199, 1))
    places.forget_until(999)
    assert places.box.is_empty

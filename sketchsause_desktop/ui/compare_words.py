"""What is said about a comparison."""

from sketchsause_desktop.app.comparison import CompareState, Comparison

_NAMED = 2  # pictures that were left out


def state_words(comparison: Comparison) -> str:
    """In a sentence or two; "" before the first."""
    count = len(comparison.pictures)
    if comparison.state is CompareState.EMPTY:
        return ""
    if comparison.state is CompareState.PAINTING:
        return f"{_pictures(count)} so far." if count else "Loading the two models …"
    if comparison.state is CompareState.FAILED:
        return comparison.fault
    parts = []
    if comparison.state is CompareState.CANCELLED:
        parts.append(f"Cancelled after {_pictures(count).lower()}. Compare goes on from there.")
    else:
        parts.append(f"{_pictures(count)}, painted on {comparison.devices}.")
    parts += comparison.left_out[:_NAMED]
    if len(comparison.left_out) > _NAMED:
        parts.append(f"{len(comparison.left_out) - _NAMED} more were left out.")
    return " ".join(parts)


def _pictures(count: int) -> str:
    return "One picture" if count == 1 else f"{count} pictures"

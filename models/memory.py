"""How much memory this machine has: what is too large for it is refused before it is read, not after."""

import functools
import os
import sys
from pathlib import Path

from models.errors import UserError

_UNKNOWN = 4 * 2**30  # a small machine of today, where the system does not say

# "MPS backend out of memory"; torch's allocator on the CPU; the exceptions of ONNX Runtime, which are RuntimeErrors.
_OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "failed to allocate memory", "bad allocation", "bad_alloc")


@functools.cache
def physical_memory() -> int:
    """Bytes of memory in this machine, used or not."""
    return _total() or _UNKNOWN


def require_memory(name: object, needed: int) -> None:
    """UserError when what `name` stands for takes more bytes than this machine has."""
    there = physical_memory()
    if needed > there:
        raise UserError(
            f"{name} would take {needed / 2**30:.1f} GB of memory, and this machine has {there / 2**30:.1f} GB.",
            "Make it smaller with another program, or open it on a larger machine.",
        )


def is_out_of_memory(error: BaseException) -> bool:
    """Whether `error` says that memory ran out: Python's, torch's on any device, or ONNX Runtime's.

    By names and texts, since the libraries that raise them may never have been imported.
    """
    if isinstance(error, MemoryError) or any(kind.__name__ == "OutOfMemoryError" for kind in type(error).__mro__):
        return True
    return isinstance(error, RuntimeError) and any(text in str(error).lower() for text in _OUT_OF_MEMORY)


if sys.platform == "win32":

    def _total() -> int:
        """GlobalMemoryStatusEx: two 32-bit numbers, its own length first, and seven of 64 bits, the total first."""
        import ctypes

        class Status(ctypes.Structure):
            _fields_ = (("length", ctypes.c_uint32), ("load", ctypes.c_uint32), ("figures", ctypes.c_uint64 * 7))

        status = Status(length=ctypes.sizeof(Status))
        known = ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))
        return int(status.figures[0]) if known else 0

    def process_memory() -> int:
        """GetProcessMemoryInfo: its own length and the page faults first, then the peak and the working set."""
        import ctypes

        class Counters(ctypes.Structure):
            _fields_ = (("length", ctypes.c_uint32), ("faults", ctypes.c_uint32), ("figures", ctypes.c_size_t * 8))

        counters = Counters(length=ctypes.sizeof(Counters))
        kernel = ctypes.windll.kernel32
        kernel.GetCurrentProcess.restype = ctypes.c_void_p
        handle = ctypes.c_void_p(kernel.GetCurrentProcess())
        known = kernel.K32GetProcessMemoryInfo(handle, ctypes.byref(counters), counters.length)
        return int(counters.figures[1]) if known else 0

else:

    def _total() -> int:
        try:
            return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        except (ValueError, OSError):  # the system has no such figure
            return 0

    def process_memory() -> int:
        """Bytes in memory now; where the system tells only the most there were, that."""
        try:
            resident = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
            return int(resident) * os.sysconf("SC_PAGE_SIZE")
        except OSError:
            import resource

            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            return peak if sys.platform == "darwin" else peak * 1024

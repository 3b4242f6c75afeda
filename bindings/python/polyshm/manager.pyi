from collections.abc import Iterable
from typing import Any, NoReturn, SupportsIndex, TypeVar, overload

from _typeshed import ReadableBuffer
from typing_extensions import Self

from .list import ShareableList as _ShareableList, _Value
from .segment import SharedMemory as _SharedMemory

_T = TypeVar("_T", bound=_Value)

class SharedMemoryManager:
    # The last three are taken and of no effect.
    def __init__(
        self,
        address: str | None = None,
        authkey: ReadableBuffer | None = None,
        serializer: object = "pickle",
        ctx: object = None,
        *,
        shutdown_timeout: float = 1.0,
    ) -> None: ...
    # An initializer is refused.
    def start(self, initializer: None = None, initargs: Iterable[Any] = ()) -> None: ...
    def connect(self) -> None: ...
    def get_server(self) -> NoReturn: ...
    @classmethod
    def register(cls, typeid: str, *args: object, **kwargs: object) -> NoReturn: ...
    @property
    def address(self) -> str | None: ...
    @property
    def owner(self) -> bool: ...
    @property
    def closed(self) -> bool: ...
    def SharedMemory(
        self, size: SupportsIndex, *, name: str | None = None, mode: SupportsIndex = 0o600, sparse: bool = False
    ) -> _SharedMemory: ...
    @overload
    def ShareableList(
        self,
        sequence: Iterable[_T],
        *,
        name: str | None = None,
        spare: SupportsIndex = 0,
        mode: SupportsIndex = 0o600,
        sparse: bool = False,
    ) -> _ShareableList[_T]: ...
    @overload
    def ShareableList(
        self,
        sequence: Iterable[_Value] | None,
        *,
        name: str | None = None,
        spare: SupportsIndex = 0,
        mode: SupportsIndex = 0o600,
        sparse: bool = False,
    ) -> _ShareableList[Any]: ...
    def adopt(self, name: str) -> None: ...
    def release(self, name: str) -> None: ...
    def names(self) -> list[str]: ...
    def shutdown(self) -> None: ...
    def join(self, timeout: float | None = None) -> None: ...
    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *exception: object) -> None: ...

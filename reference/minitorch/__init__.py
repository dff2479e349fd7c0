"""MiniTorch: a small torch, built by hand.

Everything public in the files below can be written as ``minitorch.name``. The
exception is ``operators``, whose ``sum``, ``max`` and ``map`` are easily taken
for Python's own: write ``minitorch.operators.sum``. The functions of Scalars and those
of tensors have the same names: ``minitorch.Mul`` is the one of Scalars, and that of
tensors is ``minitorch.tensor_functions.Mul``.
"""

from __future__ import annotations

from . import cuda_conv as cuda_conv  # whose conv1d and conv2d are for the GPU only
from . import cuda_examples as cuda_examples
from . import cuda_ops as cuda_ops
from . import fast_ops as fast_ops
from . import operators as operators
from .autodiff import *
from .cuda_ops import *
from .datasets import *
from .fast_conv import *
from .fast_ops import *
from .module import *
from .nn import *
from .optim import *
from .tensor import *
from .tensor_data import *
from .tensor_functions import *
from .tensor_ops import *
from .testing import *

# Last: see above.
from .scalar import *  # isort: skip
from .scalar_functions import *  # type: ignore[assignment]  # isort: skip

# Functions of these names, and not the files that they have in common with them.
from .making import ones as ones  # isort: skip
from .making import rand as rand  # isort: skip
from .making import tensor as tensor  # isort: skip
from .making import zeros as zeros  # isort: skip

"""What every known file of data must be: sizes, SHA-256 and where to download it.

Published files are known by the hash of their content, as it is when unpacked: a file that
somebody packed again is still the same data. For a download the hash of the packed bytes
counts as well, since they are checked before anything unpacks them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

IDX_PARTS = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
GLOVE_FILE = "glove.6B.50d.txt"
GLOVE_ZIP = "glove.6B.zip"
SST2_ZIP = "SST-2.zip"

Contents = Mapping[str, str]
"""The SHA-256 of each part's content, by the part's canonical name."""


@dataclass(frozen=True)
class Embedded:
    """A file inside the package: the data set that it holds, and its SHA-256."""

    dataset: str
    sha256: str


@dataclass(frozen=True)
class Download:
    """A published file: its name, where to get it, in order, and what must arrive.

    Attributes:
        name: of the file in the cache.
        urls: tried one after the other.
        size_bytes: exact; a server that sends more or less is wrong.
        sha256: of the bytes as they are sent.
    """

    name: str
    urls: tuple[str, ...]
    size_bytes: int
    sha256: str


EMBEDDED: Mapping[str, Embedded] = {
    "mnist_5k1k.npz": Embedded(
        "mnist-5k1k", "f0f172443ca903db57156260b6c3504e0fab3690e270519d7ba089b5c5bdb6ec"
    ),
    "sentiment_6k.tsv.gz": Embedded(
        "sentiment-6k", "55d2160fbf1200ccd9bf3827cc1fb6be8a41f734d83b43f36253f9eeea509942"
    ),
    "glove50_f16.npz": Embedded(
        "glove-50d-11k", "2c94d43ade0a2a5243eab6532ddb197ad59ba661a0240c6d714384ad07a0bb90"
    ),
}

IDX_CONTENTS: Mapping[str, Contents] = {
    "mnist": {
        "train-images-idx3-ubyte": (
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"
        ),
        "train-labels-idx1-ubyte": (
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"
        ),
        "t10k-images-idx3-ubyte": (
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"
        ),
        "t10k-labels-idx1-ubyte": (
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"
        ),
    },
    "fashion-mnist": {
        "train-images-idx3-ubyte": (
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"
        ),
        "train-labels-idx1-ubyte": (
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"
        ),
        "t10k-images-idx3-ubyte": (
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"
        ),
        "t10k-labels-idx1-ubyte": (
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"
        ),
    },
    "mnist-5k1k": {  # as `minigrade data export` writes the embedded digits
        "train-images-idx3-ubyte": (
            "20c0d9de522374fd05bb5fa6b9ff25df1aa9537b4b84c656d4cd969dafbfd758"
        ),
        "train-labels-idx1-ubyte": (
            "82af1636bb55ec774542c42a52fbb1431350b9b468cb9bd684255c18fa8c32a3"
        ),
        "t10k-images-idx3-ubyte": (
            "f64265b2c492ef7d5e3e82ea6d6f9cb11f8e2b9b1714b139fdf391c6cf931bf3"
        ),
        "t10k-labels-idx1-ubyte": (
            "af82f4c3803a53a6b020604272ff91508ad61d8f3ee766a657624a28634f21f2"
        ),
    },
}

TSV_CONTENTS: Mapping[str, Contents] = {
    "sst-2": {
        "train.tsv": "48eac26399f8456935f81dd9e3a745c1430adb6c62e233ccfe22db4a0d15d1d1",
        "dev.tsv": "54a9c12c77e402fc14d6a66a506f24d999f596b0176eb777c972cccc2f9cc4b0",
    },
    "sentiment-6k": {  # as exported
        "train.tsv": "b22e41c7b9c37a9ce9d24a3106ca36eb315bbe0d894657807923a45a451bc0c3",
        "dev.tsv": "70fa17678ba0bcd635ce9a8ed5b1c04dbb25cc6885774e4049907d71ac5da985",
        "test.tsv": "f728280ea91ec35402cc252cbddaf8632bb24848f80d4d195f7324a59c9f7f97",
    },
}

GLOVE_CONTENTS: Mapping[str, Contents] = {
    "glove-6b-50d": {
        GLOVE_FILE: "d8f717f8dd4b545cb7f418ef9f3d0c3e6e68a6f48b97d32f8b7aae40cb31f96f",
    },
    "glove-50d-11k": {  # as exported
        GLOVE_FILE: "4db43d158dff294ac169823922e447d6e27dcdc56669455bf4eb3ebadce19e61",
    },
}

_MNIST_URLS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
_FASHION_URLS = (
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
)


def _idx(bases: tuple[str, ...], *sizes_and_hashes: tuple[int, str]) -> tuple[Download, ...]:
    """Return the downloads of the four IDX files, in the order of `IDX_PARTS`."""
    return tuple(
        Download(f"{part}.gz", tuple(f"{base}{part}.gz" for base in bases), size, sha256)
        for part, (size, sha256) in zip(IDX_PARTS, sizes_and_hashes, strict=True)
    )


DOWNLOADS: Mapping[str, tuple[Download, ...]] = {
    "mnist": _idx(
        _MNIST_URLS,
        (9_912_422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
        (28_881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
        (1_648_877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
        (4_542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
    ),
    "fashion-mnist": _idx(
        _FASHION_URLS,
        (26_421_880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
        (29_515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
        (4_422_102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
        (5_148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
    ),
    "sst-2": (
        Download(
            SST2_ZIP,
            ("https://dl.fbaipublicfiles.com/glue/data/SST-2.zip",),
            7_439_277,
            "d67e16fb55739c1b32cdce9877596db1c127dc322d93c082281f64057c16deaa",
        ),
    ),
    "glove": (
        Download(
            GLOVE_ZIP,
            ("https://nlp.stanford.edu/data/glove.6B.zip",),
            862_182_613,
            "617afb2fe6cbd085c235baf7a465b96f4112bd7f7ccb2b2cbd649fed9cbcf2fb",
        ),
    ),
}

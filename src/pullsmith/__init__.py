"""Turn pull requests into fine-tuned code models, and tell with honest statistics whether they beat a reference."""

import os

# Arrow's own pool keeps what was freed, for good: 25 MB more in every worker. Read by pyarrow when
# it is imported, so it is said here; whoever runs pullsmith may say otherwise.
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")

__version__ = "0.1.0"

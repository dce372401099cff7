"""A context's tables are its own: other contexts ask through its commands and resources."""

import re

import grimp


def test_only_a_context_itself_imports_its_tables() -> None:
    graph = grimp.build_graph("app", cache_dir=None)
    trespasses = []
    for module in graph.modules:
        owner = re.fullmatch(r"(app\.domain\.(?!kernel|workflow)\w+)\.tables", module)
        if owner:
            importers = graph.find_modules_that_directly_import(module)
            trespasses += [f"{name} imports {module}" for name in importers if not name.startswith(f"{owner[1]}.")]
    assert trespasses == []

"""What can be read of imports."""

from app.domain.imports.contract import DataImportView, ImportFindingView
from app.domain.kernel.resource import Many, One, Resource

DATA_IMPORT = Resource(
    "data_import",
    "data_imports",
    DataImportView,
    "imports:write",
    "Imports of files, with a report of what became of every row.",
    path="imports",
    columns={
        "state": "(select held.state from job held where held.org_id = {org} and held.id = {row}.job_id)",
    },
    links={
        "job": One("job", "{row}.job_id", "The job that does it."),
        "findings": Many("import_finding", "{other}.import_id = {row}.id", "ordinal", "What there is to know."),
    },
    filters=("job_id", "mapping", "source", "dry_run", "created_by", "created_at", "finished_at"),
    sorts=("created_at",),
)

IMPORT_FINDING = Resource(
    "import_finding",
    "import_findings",
    ImportFindingView,
    "imports:write",
    "Findings of imports: values that were changed, rows that were rejected, files and columns left out.",
    columns={"row": "{row}.row_number", "column": "{row}.column_name"},
    links={"data_import": One("data_import", "{row}.import_id")},
    filters=("import_id", "severity", "file", "entity", "row", "column", "rule"),
    sorts=("ordinal",),
    sort="ordinal",
    versioned=False,
)

"""Looking after our accounts at suppliers: renewed in time, checked, told of."""

import dagster as dg

from zyenta_ops.bootstrap import Operations
from zyenta_ops.defs.keys import LANE_TAG, MAX_RUNTIME_TAG
from zyenta_ops.defs.tables import account_row, table


@dg.op(
    out=dg.Out(dg.Nothing),
    description="Renew tokens that end soon, check what was blocked, and tell what needs a person.",
)
def look_after_accounts(
    context: dg.OpExecutionContext, operations: dg.ResourceParam[Operations]
) -> None:
    """Do what is due; what fails and may pass is due again at the next tick."""
    cares = operations.accounts.renew_due()
    told = operations.alerts.tell_accounts(context.run.run_id)
    failed = [each for each in cares if each.problem is not None]
    for care in failed:
        context.log.warning(f"{care.account.supplier_key}: {care.problem}")
    for fault in told.faults:
        context.log.warning(fault)
    context.add_output_metadata(
        {
            "due": len(cares),
            "failed": len(failed),
            "raised": told.opened,
            "resolved": told.resolved,
            "faults": len(told.faults),
            "accounts": table(
                [
                    {"done": each.done, "problem": each.problem} | account_row(each.account)
                    for each in cares
                ]
            ),
        }
    )


@dg.job(
    executor_def=dg.in_process_executor,
    tags={MAX_RUNTIME_TAG: "600", LANE_TAG: "accounts"},
    description="Keep our accounts at suppliers usable, and tell of those that need a person.",
)
def renew_credentials() -> None:
    """Look after the accounts that are due, once."""
    look_after_accounts()

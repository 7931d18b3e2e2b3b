"""Drop the index of observations by offer, which nothing reads and every staged row pays for."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("offer_observation", schema=None) as batch_op:
        batch_op.drop_index("ix_offer_observation_offer")


def downgrade() -> None:
    with op.batch_alter_table("offer_observation", schema=None) as batch_op:
        batch_op.create_index(
            "ix_offer_observation_offer", ["offer_id", "observed_at"], unique=False
        )

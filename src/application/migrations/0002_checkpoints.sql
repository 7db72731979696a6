-- What the sealer has signed, beside the ledger (ADR 26, ADR 32): a ledger put back to an older state is shorter than
-- its newest checkpoint. The same checkpoints stand in the log's folder and with its witnesses.

CREATE TABLE ledger.checkpoints (
    log  text   NOT NULL,
    size bigint NOT NULL CHECK (size > 0),
    note text   NOT NULL,
    PRIMARY KEY (log, size)
);

COMMENT ON TABLE  ledger.checkpoints IS '封存点：账本前 size 条的树根及其签名 · root and signatures over the first entries';
COMMENT ON COLUMN ledger.checkpoints.log  IS 'name of the log: the origin, and after each restore that lost entries a new one';
COMMENT ON COLUMN ledger.checkpoints.size IS 'how many entries it binds: those up to this position';
COMMENT ON COLUMN ledger.checkpoints.note IS 'the signed note (C2SP tlog-checkpoint), cosignatures of witnesses among its signatures';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
ALTER TABLE ledger.checkpoints ENABLE ALWAYS TRIGGER append_only;

COMMENT ON COLUMN ledger.entries.signature IS
    'with the last entry of an append: the writer''s signature over all the entries of that append (ADR 26)';

GRANT SELECT ON ledger.entries, ledger.migrations TO {sealer};
GRANT SELECT, INSERT ON ledger.checkpoints TO {sealer};
GRANT SELECT ON ledger.checkpoints TO {writer};

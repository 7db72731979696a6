-- The ledger: one table of entries, appended to and never changed (ADR 1, ADR 2, ADR 7).

CREATE TABLE ledger.entries (
    position    bigint      NOT NULL PRIMARY KEY CHECK (position > 0),
    stream      text        NOT NULL,
    version     bigint      NOT NULL,
    kind        text        NOT NULL,
    recorded_at timestamptz NOT NULL CHECK (isfinite(recorded_at)),
    command     uuid        NOT NULL,
    ordinal     integer     NOT NULL CHECK (ordinal >= 0),
    body        bytea       NOT NULL,
    writer      text        NOT NULL,
    signature   bytea,
    UNIQUE (stream, version),
    UNIQUE (command, ordinal)
) WITH (
    -- Insert-only: vacuum has nothing to remove, but must keep the visibility map fresh for index-only reads.
    autovacuum_vacuum_insert_scale_factor = 0.2,
    autovacuum_analyze_scale_factor = 0.05
);

COMMENT ON TABLE  ledger.entries IS '账本：只增不改 · the ledger: appended to, never changed';
COMMENT ON COLUMN ledger.entries.position    IS 'dense from 1, given under the ordering lock; a hole is evidence';
COMMENT ON COLUMN ledger.entries.stream      IS '<kind>:<uuid>, the aggregate the fact belongs to';
COMMENT ON COLUMN ledger.entries.version     IS 'place of the fact in its stream, from 1';
COMMENT ON COLUMN ledger.entries.kind        IS 'stored name of the fact, for ever';
COMMENT ON COLUMN ledger.entries.recorded_at IS 'taken once per transaction under the ordering lock; only rises';
COMMENT ON COLUMN ledger.entries.command     IS 'command id, scoped to the signed-in person';
COMMENT ON COLUMN ledger.entries.ordinal     IS 'place of the fact among those of its command, from 0';
COMMENT ON COLUMN ledger.entries.body        IS 'canonical JSON (RFC 8785) of stamp and payload, stored exactly as hashed';
COMMENT ON COLUMN ledger.entries.writer      IS 'the writer process that appended it';
COMMENT ON COLUMN ledger.entries.signature   IS 'slot for the writer''s signature over the entry';

-- What the library's recorder reads and writes, under the names it uses.
CREATE VIEW ledger.stored_events AS
    SELECT stream AS originator_id, version AS originator_version, kind AS topic, body AS state,
           position AS notification_id
    FROM ledger.entries;

CREATE TABLE ledger.migrations (
    number     integer     NOT NULL PRIMARY KEY,
    name       text        NOT NULL,
    sha256     text        NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '账本只增不改 · the ledger is append-only: % on %.% refused', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

-- The ordering lock is taken by every insert, also one that does not come through our writer: readers may then
-- trust that a position they see has none missing before it.
CREATE FUNCTION ledger.take_ordering_lock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7239015802731);
    RETURN NULL;
END $$;

CREATE FUNCTION ledger.check_order() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    first_position bigint; last_position bigint; how_many bigint; earliest timestamptz; latest timestamptz;
    head_position bigint; head_recorded_at timestamptz; end_position bigint;
BEGIN
    SELECT min(position), max(position), count(*), min(recorded_at), max(recorded_at)
        INTO first_position, last_position, how_many, earliest, latest FROM added;
    IF how_many = 0 THEN RETURN NULL; END IF;
    SELECT position, recorded_at INTO head_position, head_recorded_at
        FROM ledger.entries WHERE position < first_position ORDER BY position DESC LIMIT 1;
    -- max() is found by the index; EXISTS (… position > last_position) would read the whole table to find nothing.
    SELECT max(position) INTO end_position FROM ledger.entries;
    IF first_position <> coalesce(head_position, 0) + 1 OR last_position - first_position + 1 <> how_many
       OR end_position <> last_position THEN
        RAISE EXCEPTION 'positions must be dense: head is %, given % to %', head_position, first_position, last_position
            USING ERRCODE = 'check_violation';
    END IF;
    IF earliest <= head_recorded_at OR earliest <> latest THEN
        RAISE EXCEPTION 'recorded_at must rise, one for each append: head is %, given % to %',
            head_recorded_at, earliest, latest USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER ordering_lock BEFORE INSERT ON ledger.entries
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.take_ordering_lock();
CREATE TRIGGER order_checked AFTER INSERT ON ledger.entries REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.check_order();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.entries
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.migrations
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

-- ALWAYS: they fire also where session_replication_role would silence ordinary triggers.
ALTER TABLE ledger.entries ENABLE ALWAYS TRIGGER ordering_lock;
ALTER TABLE ledger.entries ENABLE ALWAYS TRIGGER order_checked;
ALTER TABLE ledger.entries ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE ledger.migrations ENABLE ALWAYS TRIGGER append_only;

GRANT SELECT, INSERT ON ledger.entries TO {writer};
GRANT SELECT ON ledger.stored_events TO {writer};
GRANT SELECT ON ledger.entries, ledger.stored_events TO {projector};
GRANT SELECT ON ledger.migrations TO {writer}, {projector}, {reader};

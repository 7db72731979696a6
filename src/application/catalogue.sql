-- All that PostgreSQL knows of the schemas ledger and shelf and that decides what a statement there does or shows, as
-- lines of text: what it is about, and what is so. Names of roles stand in braces without what the ledger's owner is
-- called before _owner; names of indexes and constraints are left out, for they decide nothing. What an owner may do
-- with what it owns goes without saying. Needs search_path = pg_catalog, and reads what everybody may read.
WITH
ours AS (SELECT oid, nspname, nspowner, nspacl FROM pg_namespace WHERE nspname IN ('ledger', 'shelf')),
roles AS (
    SELECT r.oid, coalesce('{' || substring(rolname FROM '^' || regexp_replace(
        (SELECT o.rolname FROM ours JOIN pg_roles AS o ON o.oid = nspowner WHERE nspname = 'ledger'), '_owner$', '_')
        || '(.*)$') || '}', rolname) AS role
    FROM pg_roles AS r
    UNION ALL SELECT 0, 'PUBLIC'
),
known AS (
    SELECT r.*, k.role FROM pg_roles AS r JOIN roles AS k USING (oid)
    WHERE k.role IN ('{owner}', '{writer}', '{projector}', '{reader}', '{sealer}')
),
tables AS (SELECT n.nspname || '.' || c.relname AS name, c.* FROM pg_class AS c JOIN ours AS n ON n.oid = relnamespace),
grants (about, owner, given) AS (
    SELECT 'database', datdba, coalesce(datacl, acldefault('d', datdba)) FROM pg_database
        WHERE datname = current_database()
    UNION ALL SELECT nspname, nspowner, coalesce(nspacl, acldefault('n', nspowner)) FROM ours
    UNION ALL SELECT name, relowner, coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner))
        FROM tables WHERE relkind NOT IN ('i', 'I', 'c')
    UNION ALL SELECT t.name || ' column ' || a.attname, t.relowner, a.attacl
        FROM tables AS t JOIN pg_attribute AS a ON a.attrelid = t.oid WHERE a.attacl IS NOT NULL
    UNION ALL SELECT n.nspname || '.' || p.proname, p.proowner, coalesce(p.proacl, acldefault('f', p.proowner))
        FROM pg_proc AS p JOIN ours AS n ON n.oid = p.pronamespace
)
-- roles: what they are, and what they may become
SELECT role AS about, concat_ws(' ', CASE WHEN rolcanlogin THEN 'signs in' ELSE 'does not sign in' END, CASE WHEN rolsuper THEN 'superuser' END,
    CASE WHEN rolinherit THEN 'inherits' END, CASE WHEN rolcreaterole THEN 'makes roles' END,
    CASE WHEN rolcreatedb THEN 'makes databases' END, CASE WHEN rolreplication THEN 'replicates' END,
    CASE WHEN rolbypassrls THEN 'bypasses policies' END) AS says
FROM known
UNION ALL
SELECT k.role, 'is a member of ' || r.role
FROM pg_auth_members AS m JOIN known AS k ON k.oid = m.member JOIN roles AS r ON r.oid = m.roleid
UNION ALL
-- settings of these roles, of this database and of all, that decide what a session reads or writes
SELECT coalesce(k.role, 'all roles'), 'setting ' || setting
FROM pg_db_role_setting AS s LEFT JOIN known AS k ON k.oid = s.setrole CROSS JOIN unnest(s.setconfig) AS setting
WHERE (s.setrole = 0 OR k.oid IS NOT NULL)
    AND (s.setdatabase = 0 OR s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()))
    AND lower(split_part(setting, '=', 1)) IN ('search_path', 'role', 'row_security', 'session_replication_role',
        'synchronous_commit', 'fsync', 'full_page_writes', 'default_transaction_isolation', 'event_triggers',
        'default_transaction_read_only', 'session_preload_libraries', 'local_preload_libraries',
        'ignore_checksum_failure', 'zero_damaged_pages', 'ignore_system_indexes', 'transform_null_equals')
UNION ALL
-- grants
SELECT g.about, concat('grant ', a.privilege_type, ' to ', r.role, CASE WHEN a.is_grantable THEN ', with grant option' END)
FROM grants AS g CROSS JOIN aclexplode(g.given) AS a LEFT JOIN roles AS r ON r.oid = a.grantee
WHERE a.grantee <> g.owner AND (g.about <> 'database' OR a.grantee = 0 OR a.grantee IN (SELECT oid FROM known))
UNION ALL
SELECT coalesce(n.nspname, r.role), concat('what ', r.role, ' makes of kind ', d.defaclobjtype, ': grant ',
    a.privilege_type, ' to ', t.role)
FROM pg_default_acl AS d JOIN roles AS r ON r.oid = d.defaclrole LEFT JOIN ours AS n ON n.oid = d.defaclnamespace
    CROSS JOIN aclexplode(d.defaclacl) AS a LEFT JOIN roles AS t ON t.oid = a.grantee
WHERE n.oid IS NOT NULL OR (d.defaclnamespace = 0 AND r.oid IN (SELECT oid FROM known))
UNION ALL
-- schemas and tables
SELECT nspname, 'owner ' || role FROM ours JOIN roles ON roles.oid = nspowner
UNION ALL
SELECT name, concat_ws(' ', CASE relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' ELSE concat('kind ', relkind) END, 'owner',
    role, CASE WHEN relpersistence <> 'p' THEN 'unlogged' END, CASE WHEN relrowsecurity THEN 'row security' END,
    CASE WHEN relforcerowsecurity THEN 'forced' END, CASE relkind WHEN 'v' THEN array_to_string(reloptions, ' ') END)
FROM tables JOIN roles ON roles.oid = relowner WHERE relkind NOT IN ('i', 'I')
UNION ALL
SELECT t.name, 'inherits ' || i.inhparent::regclass FROM pg_inherits AS i JOIN tables AS t ON t.oid = i.inhrelid
UNION ALL
SELECT t.name, 'is inherited by ' || i.inhrelid::regclass FROM pg_inherits AS i JOIN tables AS t ON t.oid = i.inhparent
UNION ALL
SELECT t.name, concat_ws(' ', 'column', row_number() OVER (PARTITION BY t.oid ORDER BY a.attnum), a.attname,
    format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'not null' END,
    'default ' || pg_get_expr(d.adbin, d.adrelid), 'generated ' || nullif(a.attgenerated::text, ''),
    'identity ' || nullif(a.attidentity::text, ''), 'collation ' || nullif(a.attcollation, y.typcollation)::regcollation::text)
FROM tables AS t JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type AS y ON y.oid = a.atttypid LEFT JOIN pg_attrdef AS d ON d.adrelid = t.oid AND d.adnum = a.attnum
WHERE t.relkind NOT IN ('i', 'I')
UNION ALL
-- what may not be written; NOT NULL is said with its column
SELECT t.name, concat_ws(' ', pg_get_constraintdef(c.oid), CASE WHEN NOT c.convalidated THEN 'not validated' END)
FROM pg_constraint AS c JOIN tables AS t ON t.oid = c.conrelid WHERE c.contype <> 'n' OR NOT c.convalidated
UNION ALL
SELECT t.name, concat_ws(' ', regexp_replace(pg_get_indexdef(i.indexrelid), ' INDEX \S+ ON ', ' INDEX ON '),
    CASE WHEN NOT (i.indisvalid AND i.indisready AND i.indislive) THEN 'not valid' END)
FROM pg_index AS i JOIN tables AS t ON t.oid = i.indrelid
UNION ALL
-- what happens beside what was asked
SELECT t.name, concat_ws(' ', pg_get_triggerdef(g.oid), 'enabled', g.tgenabled)
FROM pg_trigger AS g JOIN tables AS t ON t.oid = g.tgrelid
UNION ALL
SELECT t.name, concat_ws(' ', pg_get_ruledef(r.oid), 'enabled', r.ev_enabled)
FROM pg_rewrite AS r JOIN tables AS t ON t.oid = r.ev_class WHERE t.relkind <> 'v' OR r.rulename <> '_RETURN'
UNION ALL
SELECT name, ltrim(regexp_replace(pg_get_viewdef(oid), '(\mentries\.|\s)+', ' ', 'g')) FROM tables WHERE relkind = 'v'
UNION ALL
SELECT t.name, concat_ws(' ', 'policy', p.polname, p.polcmd, CASE WHEN p.polpermissive THEN 'permissive' END, 'for',
    (SELECT string_agg(role, ', ' ORDER BY role) FROM roles WHERE oid = ANY(p.polroles)),
    'using ' || pg_get_expr(p.polqual, p.polrelid), 'with check ' || pg_get_expr(p.polwithcheck, p.polrelid))
FROM pg_policy AS p JOIN tables AS t ON t.oid = p.polrelid
UNION ALL
SELECT n.nspname || '.' || p.proname, concat_ws(' ', 'function (' || pg_get_function_identity_arguments(p.oid) || ')',
    'returns', format_type(p.prorettype, NULL), 'language', l.lanname, 'owner', r.role, 'kind', p.prokind,
    p.provolatile, p.proparallel, CASE WHEN p.prosecdef THEN 'security definer' END,
    CASE WHEN p.proisstrict THEN 'strict' END, CASE WHEN p.proleakproof THEN 'leakproof' END,
    array_to_string(p.proconfig, ' '), p.probin, 'sha256', encode(sha256(convert_to(p.prosrc, 'UTF8')), 'hex'))
FROM pg_proc AS p JOIN ours AS n ON n.oid = p.pronamespace JOIN pg_language AS l ON l.oid = p.prolang
    JOIN roles AS r ON r.oid = p.proowner
UNION ALL
SELECT 'database', concat_ws(' ', 'event trigger', evtname, evtevent, 'calls', evtfoid::regproc)
FROM pg_event_trigger WHERE evtenabled <> 'D'

-- 0011_run_pace
CREATE TABLE accounts (
	id VARCHAR(255) NOT NULL,
	number VARCHAR(255) NOT NULL,
	batch VARCHAR(255) NOT NULL,
	status VARCHAR(40) NOT NULL,
	organization_id VARCHAR(255) NOT NULL,
	organization_name VARCHAR(255) NOT NULL,
	blob BLOB NOT NULL,
	document BLOB NOT NULL,
	source VARCHAR(1024) NOT NULL,
	since BIGINT NOT NULL,
	until BIGINT NOT NULL, terms BLOB, name_key VARCHAR(255) DEFAULT '' NOT NULL, currency VARCHAR(40) DEFAULT '' NOT NULL,
	PRIMARY KEY (id, since)
);
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL,
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0011_run_pace');
CREATE TABLE answer_pieces (
	answer VARCHAR(32) NOT NULL,
	number INTEGER NOT NULL,
	expires BIGINT NOT NULL,
	body BLOB NOT NULL,
	PRIMARY KEY (answer, number)
);
CREATE TABLE async_requests (
	id VARCHAR(32) NOT NULL,
	username VARCHAR(255) NOT NULL,
	request BLOB NOT NULL,
	owner VARCHAR(32) NOT NULL,
	lease BIGINT NOT NULL,
	expires BIGINT NOT NULL,
	status INTEGER,
	headers BLOB,
	body BLOB, pieces INTEGER,
	PRIMARY KEY (id)
);
CREATE TABLE billing_preview_run_batches (
	batch VARCHAR(255) NOT NULL,
	run_id VARCHAR(32) NOT NULL,
	PRIMARY KEY (batch)
);
CREATE TABLE billing_preview_run_differences (
	run_id VARCHAR(32) NOT NULL,
	part INTEGER NOT NULL,
	position INTEGER NOT NULL,
	compared_run_id VARCHAR(32) NOT NULL,
	difference_type VARCHAR(10) NOT NULL,
	changed_fields TEXT,
	compared_values TEXT,
	account_id VARCHAR,
	rate_plan_charge_id VARCHAR,
	invoice_item_charge_amount VARCHAR(60),
	invoice_item_processing_type VARCHAR,
	invoice_item_service_start_date VARCHAR,
	invoice_item_service_end_date VARCHAR,
	invoice_item_charge_date VARCHAR,
	invoice_item_id VARCHAR,
	subscription_id VARCHAR,
	applied_to_invoice_item_id VARCHAR,
	invoice_item_quantity VARCHAR(60),
	invoice_item_uom VARCHAR,
	invoice_item_charge_type VARCHAR,
	subscription_number VARCHAR,
	rate_plan_charge_number VARCHAR,
	legal_document_item_type VARCHAR,
	credit_memo_item_id VARCHAR,
	credit_memo_item_amount VARCHAR(60),
	credit_memo_item_description VARCHAR,
	credit_memo_item_sku VARCHAR,
	credit_memo_item_sku_name VARCHAR,
	credit_memo_item_service_start_date VARCHAR,
	credit_memo_item_service_end_date VARCHAR,
	credit_memo_item_quantity VARCHAR(60),
	credit_memo_item_uom VARCHAR,
	PRIMARY KEY (run_id, part, position)
)
 WITHOUT ROWID;
CREATE TABLE billing_preview_run_failures (
	run_id VARCHAR(32) NOT NULL,
	part INTEGER NOT NULL,
	position INTEGER NOT NULL,
	account_id VARCHAR NOT NULL,
	account_number VARCHAR NOT NULL,
	code VARCHAR NOT NULL,
	message TEXT NOT NULL,
	field VARCHAR,
	subscription_number VARCHAR,
	charge_number VARCHAR,
	PRIMARY KEY (run_id, part, position)
)
 WITHOUT ROWID;
CREATE TABLE billing_preview_run_parts (
	run_id VARCHAR(32) NOT NULL,
	part INTEGER NOT NULL,
	after_id VARCHAR(255) NOT NULL,
	last_id VARCHAR(255),
	done INTEGER NOT NULL,
	accounts INTEGER NOT NULL,
	failed INTEGER NOT NULL,
	items BIGINT NOT NULL,
	size BIGINT NOT NULL,
	failed_size BIGINT NOT NULL, totals TEXT,
	PRIMARY KEY (run_id, part)
);
CREATE TABLE billing_preview_run_results (
	run_id VARCHAR(32) NOT NULL,
	part INTEGER NOT NULL,
	position INTEGER NOT NULL,
	account_id VARCHAR,
	rate_plan_charge_id VARCHAR,
	invoice_item_charge_amount VARCHAR(60),
	invoice_item_processing_type VARCHAR,
	invoice_item_service_start_date VARCHAR,
	invoice_item_service_end_date VARCHAR,
	invoice_item_charge_date VARCHAR,
	invoice_item_id VARCHAR,
	subscription_id VARCHAR,
	applied_to_invoice_item_id VARCHAR,
	invoice_item_quantity VARCHAR(60),
	invoice_item_uom VARCHAR,
	invoice_item_charge_type VARCHAR,
	subscription_number VARCHAR,
	rate_plan_charge_number VARCHAR,
	legal_document_item_type VARCHAR,
	credit_memo_item_id VARCHAR,
	credit_memo_item_amount VARCHAR(60),
	credit_memo_item_description VARCHAR,
	credit_memo_item_sku VARCHAR,
	credit_memo_item_sku_name VARCHAR,
	credit_memo_item_service_start_date VARCHAR,
	credit_memo_item_service_end_date VARCHAR,
	credit_memo_item_quantity VARCHAR(60),
	credit_memo_item_uom VARCHAR,
	PRIMARY KEY (run_id, part, position)
)
 WITHOUT ROWID;
CREATE TABLE billing_preview_runs (
	id VARCHAR(32) NOT NULL,
	number VARCHAR(16) NOT NULL,
	status VARCHAR(12) NOT NULL,
	request BLOB NOT NULL,
	target_date VARCHAR(10) NOT NULL,
	seed VARCHAR(255) NOT NULL,
	as_of BIGINT NOT NULL,
	created_by VARCHAR(255) NOT NULL,
	created BIGINT NOT NULL,
	updated_by VARCHAR(255) NOT NULL,
	updated BIGINT NOT NULL,
	started BIGINT,
	ended BIGINT,
	error TEXT,
	parts INTEGER,
	accounts INTEGER,
	finished INTEGER,
	failed INTEGER,
	items BIGINT,
	owner VARCHAR(64),
	lease BIGINT,
	file_id VARCHAR(32),
	file_size BIGINT,
	purged BIGINT, state BIGINT, totals TEXT, pace TEXT,
	PRIMARY KEY (id),
	UNIQUE (number),
	UNIQUE (file_id)
);
CREATE TABLE catalog (
	"key" VARCHAR(270) NOT NULL,
	id VARCHAR(255) NOT NULL,
	currency VARCHAR(10) NOT NULL,
	blob BLOB NOT NULL,
	document BLOB NOT NULL,
	source VARCHAR(1024) NOT NULL,
	since BIGINT NOT NULL,
	until BIGINT NOT NULL,
	PRIMARY KEY ("key", since)
);
CREATE TABLE drafts (
	id VARCHAR(255) NOT NULL,
	account_id VARCHAR(255) NOT NULL,
	blob BLOB NOT NULL,
	document BLOB NOT NULL,
	source VARCHAR(1024) NOT NULL,
	since BIGINT NOT NULL,
	until BIGINT NOT NULL, type VARCHAR(20), terms BLOB,
	PRIMARY KEY (id, since)
);
CREATE TABLE guesses (
	"key" VARCHAR(64) NOT NULL,
	wrong INTEGER NOT NULL,
	due BIGINT NOT NULL,
	last BIGINT NOT NULL,
	PRIMARY KEY ("key")
);
CREATE TABLE idempotency_keys (
	id VARCHAR(64) NOT NULL,
	fingerprint VARCHAR(64) NOT NULL,
	owner VARCHAR(32) NOT NULL,
	lease BIGINT NOT NULL,
	expires BIGINT NOT NULL,
	status INTEGER,
	headers BLOB,
	body BLOB, pieces INTEGER,
	PRIMARY KEY (id)
);
CREATE TABLE locators (
	id VARCHAR(64) NOT NULL,
	username VARCHAR(255) NOT NULL,
	state BIGINT NOT NULL,
	content BLOB NOT NULL,
	expires BIGINT NOT NULL,
	PRIMARY KEY (id)
);
CREATE TABLE postings (
	term BIGINT NOT NULL,
	"key" VARCHAR(1400) NOT NULL,
	since BIGINT NOT NULL,
	PRIMARY KEY (term, "key", since)
)
 WITHOUT ROWID;
CREATE TABLE products (
	id VARCHAR(255) NOT NULL,
	position BIGINT NOT NULL,
	document BLOB NOT NULL,
	source VARCHAR(1024) NOT NULL,
	since BIGINT NOT NULL,
	until BIGINT NOT NULL, terms BLOB,
	PRIMARY KEY (id, since)
);
CREATE TABLE sessions (
	token_hash VARCHAR(64) NOT NULL,
	username VARCHAR(255) NOT NULL,
	expires BIGINT NOT NULL,
	PRIMARY KEY (token_hash)
);
CREATE TABLE state (
	name VARCHAR(40) NOT NULL,
	number BIGINT NOT NULL,
	PRIMARY KEY (name)
);
CREATE TABLE states (
	number BIGINT NOT NULL,
	imported BIGINT,
	settings BLOB,
	PRIMARY KEY (number)
);
CREATE TABLE subscriptions (
	"key" VARCHAR(270) NOT NULL,
	id VARCHAR(255) NOT NULL,
	number VARCHAR(255) NOT NULL,
	version INTEGER NOT NULL,
	account_id VARCHAR(255) NOT NULL,
	owner_id VARCHAR(255) NOT NULL,
	is_latest INTEGER NOT NULL,
	charges INTEGER NOT NULL,
	blob BLOB NOT NULL,
	document BLOB NOT NULL,
	source VARCHAR(1024) NOT NULL,
	since BIGINT NOT NULL,
	until BIGINT NOT NULL, updated VARCHAR(19) DEFAULT '' NOT NULL, terms BLOB,
	PRIMARY KEY ("key", since)
);
CREATE TABLE usage (
	"key" VARCHAR(1400) NOT NULL,
	account_id VARCHAR(255) NOT NULL,
	start_date VARCHAR(10) NOT NULL,
	position BIGINT NOT NULL,
	blob BLOB NOT NULL,
	document BLOB NOT NULL,
	source VARCHAR(1024) NOT NULL,
	since BIGINT NOT NULL,
	until BIGINT NOT NULL, started VARCHAR(26) DEFAULT '' NOT NULL, terms BLOB,
	PRIMARY KEY ("key", since)
);
CREATE TABLE users (
	username VARCHAR(255) NOT NULL,
	password_hash VARCHAR(255) NOT NULL,
	name VARCHAR(255) NOT NULL,
	email VARCHAR(255) NOT NULL,
	organizations BLOB NOT NULL,
	client_id VARCHAR(255),
	client_secret_hash VARCHAR(255), by_hand INTEGER DEFAULT '0' NOT NULL,
	PRIMARY KEY (username),
	UNIQUE (client_id)
);
CREATE INDEX accounts_batch ON accounts (batch, id);
CREATE INDEX accounts_by_batch ON accounts (batch, number);
CREATE INDEX accounts_by_currency ON accounts (currency, number);
CREATE INDEX accounts_by_organization_id ON accounts (organization_id, number);
CREATE INDEX accounts_by_status ON accounts (status, number);
CREATE INDEX accounts_name ON accounts (name_key);
CREATE INDEX accounts_number ON accounts (number);
CREATE INDEX answer_pieces_expires ON answer_pieces (expires);
CREATE INDEX async_requests_expires ON async_requests (expires);
CREATE INDEX billing_preview_run_batches_run ON billing_preview_run_batches (run_id);
CREATE INDEX billing_preview_run_parts_open ON billing_preview_run_parts (run_id, done, part);
CREATE INDEX billing_preview_run_results_account ON billing_preview_run_results (run_id, account_id);
CREATE INDEX billing_preview_runs_status ON billing_preview_runs (status);
CREATE INDEX drafts_account ON drafts (account_id);
CREATE INDEX guesses_last ON guesses (last);
CREATE INDEX idempotency_keys_expires ON idempotency_keys (expires);
CREATE INDEX locators_expires ON locators (expires);
CREATE INDEX products_place ON products (source, position);
CREATE INDEX sessions_expires ON sessions (expires);
CREATE INDEX sessions_username ON sessions (username);
CREATE INDEX subscriptions_account ON subscriptions (account_id, updated);
CREATE INDEX subscriptions_id ON subscriptions (id);
CREATE INDEX subscriptions_number ON subscriptions (number);
CREATE INDEX subscriptions_owner ON subscriptions (owner_id, updated);
CREATE INDEX usage_account ON usage (account_id, started);
CREATE INDEX usage_source ON usage (source);
CREATE VIEW billing_preview_run_result AS
SELECT result.account_id, result.rate_plan_charge_id, result.invoice_item_charge_amount, result.invoice_item_processing_type, result.invoice_item_service_start_date, result.invoice_item_service_end_date, result.invoice_item_charge_date, result.invoice_item_id, result.subscription_id, result.applied_to_invoice_item_id, result.invoice_item_quantity, result.invoice_item_uom, result.invoice_item_charge_type, result.subscription_number, result.rate_plan_charge_number, result.legal_document_item_type, result.credit_memo_item_id, result.credit_memo_item_amount, result.credit_memo_item_description, result.credit_memo_item_sku, result.credit_memo_item_sku_name, result.credit_memo_item_service_start_date, result.credit_memo_item_service_end_date, result.credit_memo_item_quantity, result.credit_memo_item_uom, result.run_id AS billing_preview_run_id, result.part, result.position,
  run.created_by AS created_by_id, run.created AS created_date, run.updated_by AS updated_by_id,
  run.updated AS updated_date
FROM billing_preview_run_results AS result JOIN billing_preview_runs AS run ON run.id = result.run_id;
CREATE VIEW billing_preview_run_result_difference AS
SELECT result.account_id, result.rate_plan_charge_id, result.invoice_item_charge_amount, result.invoice_item_processing_type, result.invoice_item_service_start_date, result.invoice_item_service_end_date, result.invoice_item_charge_date, result.invoice_item_id, result.subscription_id, result.applied_to_invoice_item_id, result.invoice_item_quantity, result.invoice_item_uom, result.invoice_item_charge_type, result.subscription_number, result.rate_plan_charge_number, result.legal_document_item_type, result.credit_memo_item_id, result.credit_memo_item_amount, result.credit_memo_item_description, result.credit_memo_item_sku, result.credit_memo_item_sku_name, result.credit_memo_item_service_start_date, result.credit_memo_item_service_end_date, result.credit_memo_item_quantity, result.credit_memo_item_uom, result.difference_type, result.compared_run_id AS compared_billing_preview_run_id,
  result.changed_fields, result.compared_values, result.run_id AS billing_preview_run_id, result.part, result.position,
  run.created_by AS created_by_id, run.created AS created_date, run.updated_by AS updated_by_id,
  run.updated AS updated_date
FROM billing_preview_run_differences AS result JOIN billing_preview_runs AS run ON run.id = result.run_id;

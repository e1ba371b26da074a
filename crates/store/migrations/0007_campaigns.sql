-- What people did with the prompts of registration campaigns. One row for each person, not for each
-- campaign: the count of snoozes outlives campaigns, their settings and changes of methods.

CREATE TABLE campaign_prompts (
    tenant_id {BLOB} NOT NULL,
    user_id {BLOB} NOT NULL,
    snoozes BIGINT NOT NULL,
    put_off BIGINT,
    -- A prompt without an answer, and the attempt or session it was shown to. Whatever comes next and
    -- is not its answer makes a snooze of it: the browser was closed.
    shown BIGINT,
    shown_to {BLOB},
    -- When a browser was asked to make a passkey silently, and on behalf of which campaign.
    silent BIGINT,
    silent_for {BLOB},
    PRIMARY KEY (tenant_id, user_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id) ON DELETE CASCADE
) {CLUSTERED};

-- Counters, one row for each different thing that happened on a day.
CREATE TABLE campaign_funnel (
    tenant_id {BLOB} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    campaign_id {BLOB} NOT NULL,
    day BIGINT NOT NULL,
    system TEXT NOT NULL,
    browser TEXT NOT NULL,
    provider TEXT NOT NULL,
    outcome TEXT NOT NULL,
    why TEXT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, campaign_id, day, system, browser, provider, outcome, why)
) {CLUSTERED};
CREATE INDEX campaign_funnel_day ON campaign_funnel (day);

-- A sign-in that waits at a prompt remembers which one.
ALTER TABLE attempts ADD COLUMN prompt TEXT NOT NULL DEFAULT '';

-- A client opens the page behind the personal link many times; the timeline says so once a day.
CREATE UNIQUE INDEX timeline_opened_once_a_day ON timeline (order_id, ((at AT TIME ZONE 'UTC')::date)) WHERE what = 'opened';

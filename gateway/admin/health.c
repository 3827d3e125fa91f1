/* SPDX-License-Identifier: Apache-2.0 */
/* Handlers of the four routes. Each writes its answer from what the owner says at that moment;
 * nothing is kept between requests. */
#include "admin/health.h"

#include <string.h>

#include "base/metric.h"

#define HTTP_UNAVAILABLE 503
#define JSON_TYPE        "application/json; charset=utf-8"
#define HTML_TYPE        "text/html; charset=utf-8"
#define METRICS_TYPE     "text/plain; version=0.0.4; charset=utf-8"

static void handle_alive(void *ctx, const struct http_request *request, struct http_reply *reply)
{
    (void)ctx;
    (void)request;
    buf_puts(&reply->body, "ok\n");
}

struct reason_list {
    struct buf *out;
    unsigned count;
};

static void say_reason(void *arg, const char *who, const char *why)
{
    struct reason_list *list = arg;
    buf_puts(list->out, list->count++ ? ",{\"who\":" : "{\"who\":");
    buf_json_string(list->out, span_of(who));
    buf_puts(list->out, ",\"why\":");
    buf_json_string(list->out, span_of(why));
    buf_putc(list->out, '}');
}

static void handle_ready(void *ctx, const struct http_request *request, struct http_reply *reply)
{
    (void)request;
    const struct health *h = ctx;
    struct reason_list list = {&reply->body, 0};
    buf_puts(&reply->body, "{\"reasons\":[");
    h->ops->reasons(h->ctx, say_reason, &list);
    buf_printf(&reply->body, "],\"ready\":%s}\n", list.count ? "false" : "true");
    reply->content_type = JSON_TYPE;
    if (list.count) {
        reply->status = HTTP_UNAVAILABLE;
    }
}

static void handle_metrics(void *ctx, const struct http_request *request, struct http_reply *reply)
{
    (void)ctx;
    (void)request;
    metric_render(&reply->body);
    reply->content_type = METRICS_TYPE;
}

static void put_html(struct buf *out, const char *text)
{
    for (; *text; text++) {
        switch (*text) {
        case '<':
            buf_puts(out, "&lt;");
            break;
        case '>':
            buf_puts(out, "&gt;");
            break;
        case '&':
            buf_puts(out, "&amp;");
            break;
        case '"':
            buf_puts(out, "&quot;");
            break;
        default:
            buf_putc(out, *text);
        }
    }
}

static void say_row(void *arg, const char *name, const char *text)
{
    struct buf *out = arg;
    buf_puts(out, "<tr><th scope=\"row\">");
    put_html(out, name);
    buf_puts(out, "</th><td>");
    put_html(out, text);
    buf_puts(out, "</td></tr>\n");
}

struct page_text {
    const char *lang, *title, *ready, *not_ready;
    const char *other_lang, *other_href, *other_name;
};

static const struct page_text page_texts[] = {
    {"zh-CN", "双重预防数据交换网关", "运行正常", "未就绪", "en", "?lang=en", "English"},
    {"en", "dualgate, the data exchange gateway", "Ready", "Not ready", "zh-CN", "?lang=zh",
     "中文"},
};

static const char page_style[] =
    "body{font:16px/1.6 sans-serif;margin:2em auto;max-width:44em;padding:0 1em;color:#222}"
    "table{border-collapse:collapse;width:100%}"
    "th,td{border-bottom:1px solid #ddd;padding:.3em .5em;text-align:left;font-weight:normal}"
    "td{text-align:right;font-variant-numeric:tabular-nums}"
    ".bad td{text-align:left}.bad{color:#a00000}";

static void count_reason(void *arg, const char *who, const char *why)
{
    (void)who;
    (void)why;
    ++*(unsigned *)arg;
}

static void put_state(const struct health *h, const struct page_text *t, struct buf *out)
{
    unsigned reasons = 0;
    h->ops->reasons(h->ctx, count_reason, &reasons);
    buf_printf(out, "<p role=\"status\">%s</p>\n", reasons ? t->not_ready : t->ready);
    if (reasons) {
        buf_puts(out, "<table class=\"bad\">\n");
        h->ops->reasons(h->ctx, say_row, out);
        buf_puts(out, "</table>\n");
    }
}

static void handle_page(void *ctx, const struct http_request *request, struct http_reply *reply)
{
    const struct health *h = ctx;
    const char *lang = http_query(request, "lang");
    bool english = lang && strcmp(lang, "en") == 0;
    const struct page_text *t = &page_texts[english];
    struct buf *out = &reply->body;
    reply->content_type = HTML_TYPE;
    buf_printf(out,
               "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
               "<meta name=\"viewport\" content=\"width=device-width\">\n"
               "<meta http-equiv=\"refresh\" content=\"2\">\n<title>%s</title>\n"
               "<style>%s</style>\n</head>\n<body>\n<h1>%s</h1>\n",
               t->lang, t->title, page_style, t->title);
    put_state(h, t, out);
    buf_puts(out, "<table>\n");
    h->ops->figures(h->ctx, english, say_row, out);
    buf_printf(out, "</table>\n<p><a lang=\"%s\" href=\"%s\">%s</a></p>\n</body>\n</html>\n",
               t->other_lang, t->other_href, t->other_name);
}

const struct http_route health_routes[] = {
    {"/", handle_page},
    {"/healthz", handle_alive},
    {"/readyz", handle_ready},
    {"/metrics", handle_metrics},
    {NULL, NULL},
};

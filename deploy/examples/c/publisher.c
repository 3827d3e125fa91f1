/* SPDX-License-Identifier: Apache-2.0 */
/* The smallest complete publisher of an enterprise: a durable outbox, repeats, receipts. One file,
 * libmosquitto, jansson and OpenSSL:
 *
 *   cc -o publisher publisher.c -lmosquitto -ljansson -lcrypto
 *   ./publisher -a USCC [-s SECTOR] [-n NODE] [-h HOST] [-p PORT] [-d DIR] [-1] [FILE…]
 *
 * Each FILE holds reports in canonical JSON with a msg_id, one a line. A report leaves outbox/ only
 * with its receipt: to waiting/ (parked: a second receipt follows, and is asked for by sending it
 * again), done/ (stored, duplicate, stale) or refused/ (rejected, conflict; the receipt beside it
 * says why). A PUBACK is only the broker's word and moves nothing. Killed at any moment, it goes on
 * where the folders stand: the same msg_id again is answered with `duplicate`. */
#include <dirent.h>
#include <fcntl.h>
#include <jansson.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define IN_FLIGHT_MAX   20 /* reports that wait for their receipt at one time */
#define REPEAT_SECONDS  30 /* without a receipt a report is sent again */
#define SESSION_SECONDS (7 * 24 * 3600)
#define NAME_CHARS      257 /* the longest file name, and its end */
#define PATH_CHARS      4096
#define TOPIC_CHARS     256
#define MSG_ID_CHARS    36
#define LOOP_MS         200

enum place { OUTBOX, WAITING, DONE, REFUSED, PLACES };

static const char *const folders[PLACES] = {"outbox", "waiting", "done", "refused"};

struct sent {
    char name[NAME_CHARS]; /* in outbox/, or "" */
    char sha256[2 * EVP_MAX_MD_SIZE + 1];
    time_t at;
};

struct publisher {
    const char *code, *sector, *node, *dir;
    struct mosquitto *client;
    struct sent sent[2 * IN_FLIGHT_MAX]; /* of outbox/ and waiting/ */
    bool ready;
};

static void die(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

/* ---- the folders as a database: a file is written whole, synced, then renamed ---- */

static void path_of(const struct publisher *p, enum place place, const char *name,
                    char out[PATH_CHARS])
{
    snprintf(out, PATH_CHARS, "%s/%s/%s", p->dir, folders[place], name);
}

static void sync_folder(const struct publisher *p, enum place place)
{
    char path[PATH_CHARS];
    path_of(p, place, "", path);
    int fd = open(path, O_RDONLY | O_DIRECTORY);
    if (fd < 0 || fsync(fd) != 0 || close(fd) != 0) {
        die(path);
    }
}

static void write_file(const struct publisher *p, enum place place, const char *name,
                       const char *text)
{
    char hidden[PATH_CHARS];
    char path[PATH_CHARS];
    char dotted[NAME_CHARS + 16];
    snprintf(dotted, sizeof dotted, ".%s", name);
    path_of(p, place, dotted, hidden);
    path_of(p, place, name, path);
    FILE *file = fopen(hidden, "w");
    if (!file || fputs(text, file) < 0 || fflush(file) != 0 || fsync(fileno(file)) != 0 ||
        fclose(file) != 0 || rename(hidden, path) != 0) {
        die(path);
    }
    sync_folder(p, place);
}

static char *read_file(const struct publisher *p, enum place place, const char *name, size_t *len)
{
    char path[PATH_CHARS];
    path_of(p, place, name, path);
    struct stat about;
    FILE *file = fopen(path, "r");
    if (!file || fstat(fileno(file), &about) != 0) {
        die(path);
    }
    *len = (size_t)about.st_size;
    char *text = malloc(*len + 1);
    if (!text || fread(text, 1, *len, file) != *len) {
        die(path);
    }
    text[*len] = '\0';
    fclose(file);
    return text;
}

static bool ends_with(const char *name, const char *end)
{
    size_t n = strlen(name);
    size_t m = strlen(end);
    return n >= m && strcasecmp(name + n - m, end) == 0;
}

static int is_report(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && strlen(entry->d_name) < NAME_CHARS &&
           ends_with(entry->d_name, ".json") && !ends_with(entry->d_name, ".receipt.json");
}

static int list(const struct publisher *p, enum place place, struct dirent ***names)
{
    char path[PATH_CHARS];
    path_of(p, place, "", path);
    int n = scandir(path, names, is_report, alphasort);
    if (n < 0) {
        die(path);
    }
    return n;
}

static void free_list(struct dirent **names, int n)
{
    for (int i = 0; i < n; i++) {
        free(names[i]);
    }
    free(names);
}

static int count(const struct publisher *p, enum place place)
{
    struct dirent **names;
    int n = list(p, place, &names);
    free_list(names, n);
    return n;
}

static bool find_in(const struct publisher *p, enum place place, const char *msg_id,
                    char name[NAME_CHARS])
{
    char end[MSG_ID_CHARS + 8];
    struct dirent **names;
    int n = list(p, place, &names);
    bool found = false;
    snprintf(end, sizeof end, "%.36s.json", msg_id);
    for (int i = 0; i < n && !found; i++) {
        found = ends_with(names[i]->d_name, end);
        if (found) {
            snprintf(name, NAME_CHARS, "%s", names[i]->d_name);
        }
    }
    free_list(names, n);
    return found;
}

/* ---- into the outbox ---- */

static void put(const struct publisher *p, const char *line, unsigned long number)
{
    char name[NAME_CHARS];
    struct timespec now;
    json_error_t error;
    json_t *report = json_loads(line, 0, &error);
    const char *msg_id = report ? json_string_value(json_object_get(report, "msg_id")) : NULL;
    if (!msg_id || strlen(msg_id) != MSG_ID_CHARS) {
        fprintf(stderr, "publisher: line %lu: no JSON with a msg_id: %s\n", number, error.text);
        exit(EXIT_FAILURE);
    }
    for (enum place place = OUTBOX; place < PLACES; place++) {
        if (find_in(p, place, msg_id, name)) {
            json_decref(report);
            return; /* the file is read again after a crash in the middle of it */
        }
    }
    clock_gettime(CLOCK_REALTIME, &now);
    snprintf(name, sizeof name, "%011lld%09ld-%s.json", (long long)now.tv_sec, now.tv_nsec, msg_id);
    write_file(p, OUTBOX, name, line);
    json_decref(report);
}

static void put_file(const struct publisher *p, const char *path)
{
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t room = 0;
    unsigned long number = 0;
    if (!file) {
        die(path);
    }
    while (getline(&line, &room, file) >= 0) {
        number++;
        line[strcspn(line, "\r\n")] = '\0';
        if (line[0] != '\0') {
            put(p, line, number);
        }
    }
    free(line);
    fclose(file);
}

/* ---- out of it ---- */

static struct sent *sent_slot(struct publisher *p, const char *name)
{
    struct sent *free_one = NULL;
    for (size_t i = 0; i < 2 * IN_FLIGHT_MAX; i++) {
        if (strcmp(p->sent[i].name, name) == 0) {
            return &p->sent[i];
        }
        if (p->sent[i].name[0] == '\0') {
            free_one = &p->sent[i];
        }
    }
    return free_one;
}

static void digest(const char *bytes, size_t len, char hex[2 * EVP_MAX_MD_SIZE + 1])
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    EVP_Digest(bytes, len, hash, &n, EVP_sha256(), NULL);
    for (unsigned i = 0; i < n; i++) {
        snprintf(hex + (size_t)2 * i, 3, "%02x", hash[i]);
    }
}

static void publish(struct publisher *p, enum place place, const char *name, struct sent *slot)
{
    char topic[TOPIC_CHARS];
    size_t len;
    char *payload = read_file(p, place, name, &len);
    json_t *report = json_loadb(payload, len, 0, NULL);
    const char *record = report ? json_string_value(json_object_get(report, "record")) : NULL;
    snprintf(topic, sizeof topic, "dp/v1/%s/%s/%s/up/%s", p->node, p->sector, p->code,
             record ? record : "unknown");
    if (mosquitto_publish(p->client, NULL, topic, (int)len, payload, 1, false) == 0) {
        snprintf(slot->name, sizeof slot->name, "%s", name);
        digest(payload, len, slot->sha256);
        slot->at = time(NULL);
    }
    json_decref(report);
    free(payload);
}

static void send_due(struct publisher *p, enum place place)
{
    struct dirent **names;
    int n = list(p, place, &names);
    for (int i = 0; i < n && i < IN_FLIGHT_MAX; i++) {
        struct sent *slot = sent_slot(p, names[i]->d_name);
        bool fresh = slot && slot->name[0] != '\0' && time(NULL) - slot->at < REPEAT_SECONDS;
        if (slot && !fresh) {
            publish(p, place, names[i]->d_name, slot);
        }
    }
    free_list(names, n);
}

static enum place place_of(const char *verdict)
{
    if (strcmp(verdict, "parked") == 0) {
        return WAITING;
    }
    bool taken = strcmp(verdict, "stored") == 0 || strcmp(verdict, "duplicate") == 0 ||
                 strcmp(verdict, "stale") == 0;
    return taken ? DONE : REFUSED;
}

/* The receipt first, so that no report stands in done/ without one. */
static void settle(struct publisher *p, enum place from, const char *name, const json_t *item)
{
    char receipt[NAME_CHARS + 16];
    char old_path[PATH_CHARS];
    char new_path[PATH_CHARS];
    enum place to = place_of(json_string_value(json_object_get(item, "verdict")));
    char *text = json_dumps(item, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
    snprintf(receipt, sizeof receipt, "%.*s.receipt.json", (int)(strlen(name) - strlen(".json")),
             name);
    write_file(p, to, receipt, text ? text : "");
    free(text);
    path_of(p, from, name, old_path);
    path_of(p, to, name, new_path);
    if (to != from && rename(old_path, new_path) != 0) {
        die(new_path);
    }
    sync_folder(p, to);
    sync_folder(p, from);
    struct sent *slot = sent_slot(p, name);
    if (slot && to != WAITING) {
        slot->name[0] = '\0';
    }
}

/* By its msg_id; what could not even be read is named by the digest of what was sent. */
static bool find(struct publisher *p, const json_t *item, enum place *place, char name[NAME_CHARS])
{
    const char *msg_id = json_string_value(json_object_get(item, "msg_id"));
    const char *sha256 = json_string_value(json_object_get(item, "payload_sha256"));
    for (size_t i = 0; !msg_id && sha256 && i < 2 * IN_FLIGHT_MAX; i++) {
        if (p->sent[i].name[0] != '\0' && strcmp(p->sent[i].sha256, sha256) == 0) {
            snprintf(name, NAME_CHARS, "%s", p->sent[i].name);
            *place = OUTBOX;
            return true;
        }
    }
    for (*place = OUTBOX; msg_id && *place <= DONE; (*place)++) {
        if (find_in(p, *place, msg_id, name)) {
            return true;
        }
    }
    return false;
}

static void take_item(struct publisher *p, const json_t *item)
{
    char name[NAME_CHARS];
    enum place place;
    const char *verdict = json_string_value(json_object_get(item, "verdict"));
    const char *text = json_string_value(json_object_get(item, "text"));
    bool found = verdict && find(p, item, &place, name);
    if (found && !(place == DONE && strcmp(verdict, "duplicate") == 0)) {
        settle(p, place, name, item);
        printf("%s %s %s\n", verdict, name, text ? text : "");
        fflush(stdout);
    }
}

/* ---- libmosquitto calls these from mosquitto_loop() ---- */

static void on_message(struct mosquitto *client, void *ctx, const struct mosquitto_message *message)
{
    (void)client;
    json_t *receipt = json_loadb(message->payload, (size_t)message->payloadlen, 0, NULL);
    const json_t *items = json_object_get(receipt, "items");
    for (size_t i = 0; i < json_array_size(items); i++) {
        take_item(ctx, json_array_get(items, i));
    }
    json_decref(receipt);
}

static void on_connect(struct mosquitto *client, void *ctx, int code)
{
    struct publisher *p = ctx;
    char topic[TOPIC_CHARS];
    snprintf(topic, sizeof topic, "dp/v1/%s/%s/%s/down/receipt", p->node, p->sector, p->code);
    if (code == 0) {
        mosquitto_subscribe(client, NULL, topic, 1);
    }
}

static void on_subscribe(struct mosquitto *client, void *ctx, int mid, int n, const int *granted)
{
    struct publisher *p = ctx;
    (void)client;
    (void)mid;
    (void)n;
    (void)granted;
    memset(p->sent, 0, sizeof p->sent); /* what was under way is sent again */
    p->ready = true;
}

static void on_disconnect(struct mosquitto *client, void *ctx, int code)
{
    (void)client;
    (void)code;
    ((struct publisher *)ctx)->ready = false;
}

static void run(struct publisher *p, const char *host, int port, bool once)
{
    mosquitto_property *properties = NULL;
    mosquitto_property_add_int32(&properties, MQTT_PROP_SESSION_EXPIRY_INTERVAL, SESSION_SECONDS);
    bool connected = mosquitto_connect_bind_v5(p->client, host, port, 30, NULL, properties) == 0;
    mosquitto_property_free_all(&properties);
    for (;;) {
        if (!connected || mosquitto_loop(p->client, LOOP_MS, 1) != 0) {
            p->ready = false;
            sleep(1);
            connected = mosquitto_reconnect(p->client) == 0;
            continue;
        }
        if (p->ready) {
            send_due(p, OUTBOX);
            send_due(p, WAITING);
        }
        if (p->ready && once && count(p, OUTBOX) == 0 && count(p, WAITING) == 0) {
            mosquitto_disconnect(p->client);
            return;
        }
    }
}

int main(int argc, char **argv)
{
    struct publisher p = {.sector = "hazchem", .node = "410411", .dir = "dualgate-outbox"};
    const char *host = "127.0.0.1";
    const char *username = NULL;
    int port = 1883;
    bool once = false;
    for (int c = getopt(argc, argv, "a:s:n:h:p:u:d:1"); c != -1;
         c = getopt(argc, argv, "a:s:n:h:p:u:d:1")) {
        switch (c) {
        case 'a':
            p.code = optarg;
            break;
        case 's':
            p.sector = optarg;
            break;
        case 'n':
            p.node = optarg;
            break;
        case 'h':
            host = optarg;
            break;
        case 'p':
            port = (int)strtol(optarg, NULL, 10);
            break;
        case 'u':
            username = optarg;
            break; /* the password is taken from $MQTT_PASSWORD */
        case 'd':
            p.dir = optarg;
            break;
        case '1':
            once = true;
            break; /* end when everything has its final receipt */
        default:
            return 2;
        }
    }
    if (!p.code) {
        fputs("publisher: -a USCC is missing\n", stderr);
        return 2;
    }
    mkdir(p.dir, 0700);
    for (enum place place = OUTBOX; place < PLACES; place++) {
        char path[PATH_CHARS];
        path_of(&p, place, "", path);
        mkdir(path, 0700);
    }
    for (int i = optind; i < argc; i++) {
        put_file(&p, argv[i]);
    }
    mosquitto_lib_init();
    p.client = mosquitto_new(p.code, false, &p);
    if (!p.client) {
        die("mosquitto_new");
    }
    mosquitto_int_option(p.client, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
    mosquitto_int_option(p.client, MOSQ_OPT_TCP_NODELAY, 1);
    if (username) {
        mosquitto_username_pw_set(p.client, username, getenv("MQTT_PASSWORD"));
    }
    mosquitto_connect_callback_set(p.client, on_connect);
    mosquitto_disconnect_callback_set(p.client, on_disconnect);
    mosquitto_subscribe_callback_set(p.client, on_subscribe);
    mosquitto_message_callback_set(p.client, on_message);
    run(&p, host, port, once);
    mosquitto_destroy(p.client);
    mosquitto_lib_cleanup();
    return count(&p, REFUSED) > 0 ? 1 : 0;
}

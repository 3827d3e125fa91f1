/* SPDX-License-Identifier: Apache-2.0 */
/* Publishes a file of messages at QoS 1 and writes down what comes back. For: load that a Python
 * client cannot make beside two busy servers, with an exact record of what the broker acknowledged.
 * Not for: making reports. Promises: each message is published once (only MQTT itself repeats,
 * after a reconnect), in order; what is in FOLDER/acked was acknowledged, with the reason code;
 * what came on FILTER is in FOLDER/received, a line "topic TAB payload" each. One session, kept
 * over reconnects. Runs until SIGTERM.
 *
 *   load_helper PORT CLIENT_ID FOLDER FILTER [INPUT RATE WINDOW]
 *
 * INPUT: topic length, topic, payload length, payload, …; lengths are four bytes, big end first.
 * RATE: messages per second, 0 for as fast as WINDOW allows. */
#include <errno.h>
#include <fcntl.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MIDS            65536
#define KEEPALIVE_S     30
#define SESSION_S       3600
#define POLL_MS         2
#define RECONNECT_US    20000
#define LAST_ROUNDS     50
#define TOPIC_BYTES_MAX 256
#define MOST_AT_ONCE    200
#define NS_PER_S        1000000000LL
#define RECEIVE_MAXIMUM 1000

struct load {
    struct mosquitto *client;
    const char *filter;
    const char *folder;
    const unsigned char *input;
    size_t input_len, at;
    long rate;
    int window;

    FILE *acked, *received;
    bool connected, subscribed, dirty;
    int in_flight;
    long published;
    long index_of[MIDS];
    int64_t begun_ns;
};

static volatile sig_atomic_t stopping;

static void on_signal(int number)
{
    (void)number;
    stopping = 1;
}

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

static FILE *open_out(const char *folder, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "we");
    if (!file) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    return file;
}

/* ---- what the broker says ---- */

static void on_connect(struct mosquitto *client, void *ctx, int code, int flags,
                       const mosquitto_property *properties)
{
    struct load *l = ctx;
    (void)flags;
    (void)properties;
    l->connected = code == 0;
    if (l->connected) {
        mosquitto_subscribe(client, NULL, l->filter, 1);
    }
}

static void on_disconnect(struct mosquitto *client, void *ctx, int code,
                          const mosquitto_property *properties)
{
    struct load *l = ctx;
    (void)client;
    (void)code;
    (void)properties;
    l->connected = false;
}

static void on_subscribe(struct mosquitto *client, void *ctx, int mid, int n, const int *granted,
                         const mosquitto_property *properties)
{
    struct load *l = ctx;
    (void)client;
    (void)mid;
    (void)properties;
    if (n != 1 || granted[0] != 1) {
        fprintf(stderr, "load_helper: not subscribed\n");
        exit(EXIT_FAILURE);
    }
    if (!l->subscribed) {
        l->subscribed = true;
        l->begun_ns = now_ns();
        fclose(open_out(l->folder, "ready"));
    }
}

static void on_publish(struct mosquitto *client, void *ctx, int mid, int reason,
                       const mosquitto_property *properties)
{
    struct load *l = ctx;
    (void)client;
    (void)properties;
    fprintf(l->acked, "%ld %d\n", l->index_of[mid % MIDS], reason);
    l->in_flight--;
    l->dirty = true;
}

static void on_message(struct mosquitto *client, void *ctx, const struct mosquitto_message *m,
                       const mosquitto_property *properties)
{
    struct load *l = ctx;
    (void)client;
    (void)properties;
    fprintf(l->received, "%s\t%.*s\n", m->topic, m->payloadlen, (const char *)m->payload);
    l->dirty = true;
}

/* ---- publishing ---- */

static size_t take_length(struct load *l)
{
    const unsigned char *p = l->input + l->at;
    l->at += 4;
    return ((size_t)p[0] << 24) | ((size_t)p[1] << 16) | ((size_t)p[2] << 8) | p[3];
}

static bool is_due(const struct load *l)
{
    return l->rate == 0 || l->published < (now_ns() - l->begun_ns) * l->rate / NS_PER_S;
}

static void publish_next(struct load *l)
{
    char topic[TOPIC_BYTES_MAX];
    size_t before = l->at;
    size_t topic_len = take_length(l);
    if (topic_len >= sizeof topic) {
        exit(EXIT_FAILURE);
    }
    memcpy(topic, l->input + l->at, topic_len);
    topic[topic_len] = '\0';
    l->at += topic_len;
    size_t len = take_length(l);
    int mid = 0;
    if (mosquitto_publish(l->client, &mid, topic, (int)len, l->input + l->at, 1, false) !=
        MOSQ_ERR_SUCCESS) {
        l->at = before; /* not sent; it is its turn again when we are connected */
        l->connected = false;
        return;
    }
    l->at += len;
    l->index_of[mid % MIDS] = l->published++;
    l->in_flight++;
}

static void publish_more(struct load *l)
{
    for (int i = 0; i < MOST_AT_ONCE && l->connected && l->subscribed && l->at < l->input_len &&
                    l->in_flight < l->window && is_due(l);
         i++) {
        publish_next(l);
    }
}

static void turn(struct load *l)
{
    if (mosquitto_loop(l->client, POLL_MS, 1) != MOSQ_ERR_SUCCESS) {
        l->connected = false;
        usleep(RECONNECT_US);
        mosquitto_reconnect(l->client);
    }
    if (l->dirty) {
        fflush(l->acked);
        fflush(l->received);
        l->dirty = false;
    }
}

/* ---- start ---- */

static void map_input(struct load *l, const char *path)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status) != 0) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    l->input_len = (size_t)status.st_size;
    if (l->input_len > 0) {
        l->input = mmap(NULL, l->input_len, PROT_READ, MAP_PRIVATE, fd, 0);
        if (l->input == MAP_FAILED) {
            perror("mmap");
            exit(EXIT_FAILURE);
        }
    }
    close(fd);
}

static void connect_first(struct load *l, int port)
{
    mosquitto_property *properties = NULL;
    mosquitto_property_add_int32(&properties, MQTT_PROP_SESSION_EXPIRY_INTERVAL, SESSION_S);
    mosquitto_property_add_int16(&properties, MQTT_PROP_RECEIVE_MAXIMUM, RECEIVE_MAXIMUM);
    while (!stopping && mosquitto_connect_bind_v5(l->client, "127.0.0.1", port, KEEPALIVE_S, NULL,
                                                  properties) != MOSQ_ERR_SUCCESS) {
        usleep(RECONNECT_US);
    }
    mosquitto_property_free_all(&properties);
}

static void make_client(struct load *l, const char *client_id)
{
    mosquitto_lib_init();
    l->client = mosquitto_new(client_id, false, l);
    if (!l->client) {
        exit(EXIT_FAILURE);
    }
    mosquitto_int_option(l->client, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V5);
    mosquitto_int_option(l->client, MOSQ_OPT_TCP_NODELAY, 1);
    mosquitto_int_option(l->client, MOSQ_OPT_SEND_MAXIMUM, l->window);
    mosquitto_connect_v5_callback_set(l->client, on_connect);
    mosquitto_disconnect_v5_callback_set(l->client, on_disconnect);
    mosquitto_subscribe_v5_callback_set(l->client, on_subscribe);
    mosquitto_publish_v5_callback_set(l->client, on_publish);
    mosquitto_message_v5_callback_set(l->client, on_message);
}

static void finish(struct load *l)
{
    mosquitto_disconnect(l->client);
    for (int i = 0; i < LAST_ROUNDS && mosquitto_loop(l->client, POLL_MS, 1) == MOSQ_ERR_SUCCESS;
         i++) {
    }
    mosquitto_destroy(l->client);
    mosquitto_lib_cleanup();
    fclose(l->acked);
    fclose(l->received);
}

int main(int argc, char **argv)
{
    static struct load l;
    const struct sigaction action = {.sa_handler = on_signal};
    if (argc != 5 && argc != 8) {
        fprintf(stderr, "usage: load_helper PORT CLIENT_ID FOLDER FILTER [INPUT RATE WINDOW]\n");
        return 2;
    }
    sigaction(SIGTERM, &action, NULL);
    l.folder = argv[3];
    l.filter = argv[4];
    l.window = argc == 8 ? (int)strtol(argv[7], NULL, 10) : 1;
    l.rate = argc == 8 ? strtol(argv[6], NULL, 10) : 0;
    if (argc == 8) {
        map_input(&l, argv[5]);
    }
    l.acked = open_out(l.folder, "acked");
    l.received = open_out(l.folder, "received");
    make_client(&l, argv[2]);
    connect_first(&l, (int)strtol(argv[1], NULL, 10));
    while (!stopping) {
        publish_more(&l);
        turn(&l);
    }
    finish(&l);
    return EXIT_SUCCESS;
}

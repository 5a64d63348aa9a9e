/*
 * The canonical bytes of records of lanes, stays and money, one or more of each kind: what the
 * journal has kept once, it keeps for ever in this form. On the small site (small_site.h), at
 * CANONICAL_AT.
 */
/* long: a table */
#ifndef UNIT_CANONICAL_RECORDS_H
#define UNIT_CANONICAL_RECORDS_H

#include "daemon/core/record.h"
#include "tests/unit/small_site.h"

#define CANONICAL_AT ((utc_ms){1795316526123}) /* 2026-11-22T03:02:06.123Z */
#define CANONICAL_HEAD(type) "{\"type\":\"" type "\",\"at\":\"2026-11-22T03:02:06.123Z\","
#define LANE_IN_OF_A "\"lot\":\"A\",\"lane\":\"A-in\","
#define LANE_OUT_OF_A "\"lot\":\"A\",\"lane\":\"A-out\","

static const struct {
    struct record record;
    const char *body;
} canonical_records[] = {
    {{.kind = RECORD_PLATE_READ,
      .plate_read = {.lane = A_IN,
                     .device = "camera-1",
                     .event = "00112233445566778899aabbccddeeff",
                     .plate = "皖A12345",
                     .colour = PLATE_BLUE,
                     .class = VEHICLE_SMALL,
                     .confidence = 97}},
     CANONICAL_HEAD("plate_read") LANE_IN_OF_A
     "\"device\":\"camera-1\",\"event\":\"00112233445566778899aabbccddeeff\","
     "\"plate\":\"皖A12345\",\"colour\":\"blue\",\"class\":\"small\",\"confidence\":97}"},
    {{.kind = RECORD_PLATE_READ,
      .plate_read = {.lane = A_OUT,
                     .device = "camera-2",
                     .event = "ff",
                     .confidence = -1,
                     .offline = true,
                     .opened_by = OPENER_CAMERA,
                     .images = "2026/11/22/7"}},
     CANONICAL_HEAD("plate_read") LANE_OUT_OF_A
     "\"device\":\"camera-2\",\"event\":\"ff\",\"plate\":\"\",\"colour\":\"unknown\","
     "\"class\":\"small\",\"confidence\":-1,\"offline\":true,\"opened_by\":\"camera\","
     "\"images\":\"2026/11/22/7\"}"},
    {{.kind = RECORD_DECISION,
      .decision = {A_IN, "V1", "皖A12345", DECISION_ALLOW, DECIDED_TEMPORARY}},
     CANONICAL_HEAD("decision") LANE_IN_OF_A
     "\"vehicle\":\"V1\",\"plate\":\"皖A12345\",\"verdict\":\"allow\",\"reason\":\"temporary\"}"},
    {{.kind = RECORD_DECISION,
      .decision = {A_OUT, "V2", "", DECISION_DENY, DECIDED_BY_PERSON, "S1", "wang", "T-1"}},
     CANONICAL_HEAD("decision") LANE_OUT_OF_A
     "\"vehicle\":\"V2\",\"plate\":\"\",\"verdict\":\"deny\",\"reason\":\"by_person\","
     "\"stay\":\"S1\",\"actor\":\"wang\",\"ticket\":\"T-1\"}"},
    {{.kind = RECORD_COMMAND, .command = {A_IN, "C1", LANE_OPEN, CAUSE_DECISION}},
     CANONICAL_HEAD("command") LANE_IN_OF_A
     "\"command\":\"C1\",\"action\":\"open\",\"cause\":\"decision\"}"},
    {{.kind = RECORD_COMMAND,
      .command = {A_IN, "C2", LANE_HOLD, CAUSE_OPERATOR, "S1", "wang", "market day", {1000}}},
     CANONICAL_HEAD("command") LANE_IN_OF_A
     "\"command\":\"C2\",\"action\":\"hold\",\"cause\":\"operator\",\"stay\":\"S1\","
     "\"actor\":\"wang\",\"reason\":\"market day\",\"until\":\"1970-01-01T00:00:01.000Z\"}"},
    {{.kind = RECORD_OUTCOME,
      .outcome = {A_IN, "C1", RESULT_DONE, {1000}, {2000}, {3000}, {-1}, {0}}},
     CANONICAL_HEAD("outcome") LANE_IN_OF_A
     "\"command\":\"C1\",\"result\":\"done\",\"sent\":\"1970-01-01T00:00:01.000Z\","
     "\"accepted\":\"1970-01-01T00:00:02.000Z\",\"moved\":\"1970-01-01T00:00:03.000Z\","
     "\"limit\":\"unobservable\"}"},
    {{.kind = RECORD_OUTCOME, .outcome = {A_IN, "C2", RESULT_REFUSED, .trouble = "exception 4"}},
     CANONICAL_HEAD("outcome") LANE_IN_OF_A
     "\"command\":\"C2\",\"result\":\"refused\",\"trouble\":\"exception 4\"}"},
    {{.kind = RECORD_PASSAGE,
      .passage = {A_IN, "P1", LANE_IN, PASSAGE_ORDINARY, EVIDENCE_LOOPS, CAUSE_DECISION, "皖A12345",
                  PLATE_GREEN, VEHICLE_NEV, "S1", "C1", 1}},
     CANONICAL_HEAD("passage") LANE_IN_OF_A
     "\"passage\":\"P1\",\"direction\":\"in\",\"kind\":\"ordinary\",\"evidence\":\"loops\","
     "\"cause\":\"decision\",\"plate\":\"皖A12345\",\"colour\":\"green\",\"class\":\"nev\","
     "\"stay\":\"S1\",\"command\":\"C1\",\"vehicles\":1}"},
    {{.kind = RECORD_PASSAGE,
      .passage = {.lane = A_OUT,
                  .passage = "P2",
                  .direction = LANE_OUT,
                  .kind = PASSAGE_TAILGATE,
                  .evidence = EVIDENCE_ONE,
                  .vehicles = 2}},
     CANONICAL_HEAD("passage") LANE_OUT_OF_A
     "\"passage\":\"P2\",\"direction\":\"out\",\"kind\":\"tailgate\",\"evidence\":\"one_loop\","
     "\"cause\":\"none\",\"plate\":\"\",\"colour\":\"unknown\",\"class\":\"small\","
     "\"vehicles\":2}"},
    {{.kind = RECORD_LANE, .lane = {A_IN, LANE_HELD_OPEN, "market day", "wang", {1000}}},
     CANONICAL_HEAD("lane") LANE_IN_OF_A
     "\"mode\":\"held_open\",\"reason\":\"market day\",\"actor\":\"wang\","
     "\"until\":\"1970-01-01T00:00:01.000Z\"}"},
    {{.kind = RECORD_LANE, .lane = {A_IN, LANE_SILENT, "timeout"}},
     CANONICAL_HEAD("lane") LANE_IN_OF_A "\"mode\":\"silent\",\"reason\":\"timeout\"}"},
    {{.kind = RECORD_OPENING, .opening = {A_OUT, CAUSE_UNASKED, 3, 4711}},
     CANONICAL_HEAD("opening") LANE_OUT_OF_A
     "\"cause\":\"unasked\",\"openings\":3,\"counter\":4711}"},
    {{.kind = RECORD_STAY_OPENED,
      .stay_opened = {0, A_001, A_IN, "S1", "皖A12345", PLATE_BLUE, VEHICLE_SMALL, STAY_TEMPORARY,
                      "P1"}},
     CANONICAL_HEAD("stay_opened") "\"lot\":\"A\",\"bay\":\"A-001\",\"lane\":\"A-in\",\"stay\":"
                                   "\"S1\",\"plate\":\"皖A12345\","
                                   "\"colour\":\"blue\",\"class\":\"small\",\"kind\":\"temporary\","
                                   "\"passage\":\"P1\"}"},
    {{.kind = RECORD_STAY_OPENED,
      .time_uncertain = true,
      .stay_opened = {.lot = 1,
                      .bay = PLAN_NONE,
                      .lane = PLAN_NONE,
                      .stay = "S2",
                      .kind = STAY_EXEMPT,
                      .entry_missing = true,
                      .ticket = "T-1"}},
     CANONICAL_HEAD(
         "stay_opened") "\"time\":\"uncertain\",\"lot\":\"B\",\"stay\":\"S2\",\"plate\":\"\","
                        "\"colour\":\"unknown\","
                        "\"class\":\"small\",\"kind\":\"exempt\",\"entry_missing\":true,\"ticket\":"
                        "\"T-1\"}"},
    {{.kind = RECORD_STAY_AMENDED,
      .stay_amended = {0,
                       "S1",
                       STAY_PLATE,
                       "皖A12345",
                       "皖A12346",
                       VEHICLE_SMALL,
                       STAY_TEMPORARY,
                       {1000},
                       PLAN_NONE,
                       "",
                       {0},
                       "wang",
                       "misread"}},
     CANONICAL_HEAD(
         "stay_amended") "\"lot\":\"A\",\"stay\":\"S1\",\"change\":\"plate\",\"plate_was\":"
                         "\"皖A12345\","
                         "\"plate\":\"皖A12346\",\"class\":\"small\",\"kind\":\"temporary\","
                         "\"entered\":\"1970-01-01T00:00:01.000Z\",\"actor\":\"wang\",\"reason\":"
                         "\"misread\"}"},
    {{.kind = RECORD_STAY_AMENDED,
      .stay_amended = {.stay = "S1",
                       .change = STAY_FROZEN,
                       .entered = {1000},
                       .bay = A_002,
                       .other = "S3",
                       .until = {2000}}},
     CANONICAL_HEAD("stay_amended") "\"lot\":\"A\",\"stay\":\"S1\",\"change\":\"frozen\",\"plate\":"
                                    "\"\",\"class\":\"small\","
                                    "\"kind\":\"temporary\",\"entered\":\"1970-01-01T00:00:01."
                                    "000Z\",\"bay\":\"A-002\","
                                    "\"other\":\"S3\",\"until\":\"1970-01-01T00:00:02.000Z\"}"},
    {{.kind = RECORD_STAY_CLOSED,
      .stay_closed = {.lot = 0,
                      .bay = A_001,
                      .lane = A_OUT,
                      .stay = "S1",
                      .plate = "皖A12345",
                      .colour = PLATE_BLUE,
                      .class = VEHICLE_SMALL,
                      .kind = STAY_TEMPORARY,
                      .entered = {1000},
                      .outcome = OUTCOME_PAID,
                      .money = {1000, 1, 2, 3, 4, 990},
                      .received_fen = 990,
                      .tariff = "hefei-1",
                      .version = "2024-07-01",
                      .passage = "P2",
                      .overstayed = true,
                      .actor = "wang",
                      .reason = "rain"}},
     CANONICAL_HEAD(
         "stay_closed") "\"lot\":\"A\",\"bay\":\"A-001\",\"lane\":\"A-out\",\"stay\":\"S1\","
                        "\"plate\":\"皖A12345\","
                        "\"colour\":\"blue\",\"class\":\"small\",\"kind\":\"temporary\","
                        "\"entered\":\"1970-01-01T00:00:01.000Z\",\"outcome\":\"paid\","
                        "\"receivable_fen\":1000,"
                        "\"relief_pass_fen\":1,\"relief_class_fen\":2,\"relief_coupon_fen\":3,"
                        "\"relief_other_fen\":4,\"payable_fen\":990,\"received_fen\":990,"
                        "\"tariff\":\"hefei-1\","
                        "\"version\":\"2024-07-01\",\"passage\":\"P2\",\"overstayed\":true,"
                        "\"actor\":\"wang\","
                        "\"reason\":\"rain\"}"},
    {{.kind = RECORD_STAY_CLOSED,
      .stay_closed = {.lot = 1,
                      .bay = PLAN_NONE,
                      .lane = PLAN_NONE,
                      .stay = "S2",
                      .entered = {1000},
                      .outcome = OUTCOME_VOID}},
     CANONICAL_HEAD("stay_closed") "\"lot\":\"B\",\"stay\":\"S2\",\"plate\":\"\",\"colour\":"
                                   "\"unknown\",\"class\":\"small\","
                                   "\"kind\":\"temporary\",\"entered\":\"1970-01-01T00:00:01."
                                   "000Z\",\"outcome\":\"void\","
                                   "\"receivable_fen\":0,\"relief_pass_fen\":0,\"relief_class_"
                                   "fen\":0,\"relief_coupon_fen\":0,"
                                   "\"relief_other_fen\":0,\"payable_fen\":0,\"received_fen\":0}"},
    {{.kind = RECORD_ORDER,
      .order = {0, "S1", "O1", "皖A12345", {1000, 1, 2, 3, 4, 990}, 90, 900, {1000}, true, {2000}}},
     CANONICAL_HEAD(
         "order") "\"lot\":\"A\",\"stay\":\"S1\",\"order\":\"O1\",\"plate\":\"皖A12345\","
                  "\"receivable_fen\":1000,\"relief_pass_fen\":1,\"relief_class_fen\":2,"
                  "\"relief_coupon_fen\":3,\"relief_other_fen\":4,\"payable_fen\":990,\"received_"
                  "fen\":90,"
                  "\"due_fen\":900,\"until\":\"1970-01-01T00:00:01.000Z\",\"final\":true,"
                  "\"entered\":\"1970-01-01T00:00:02.000Z\"}"},
    {{.kind = RECORD_PAYMENT,
      .payment = {0,
                  "S1",
                  "O1",
                  "M1",
                  "皖A12345",
                  900,
                  CHANNEL_WECHAT,
                  PAID_INSIDE,
                  "4200001",
                  {1000},
                  "F1",
                  "wang"}},
     CANONICAL_HEAD("payment") "\"lot\":\"A\",\"stay\":\"S1\",\"order\":\"O1\",\"payment\":\"M1\","
                               "\"plate\":\"皖A12345\","
                               "\"amount_fen\":900,\"channel\":\"wechat\",\"when\":\"inside\","
                               "\"transaction\":\"4200001\","
                               "\"leave_by\":\"1970-01-01T00:00:01.000Z\",\"shift\":\"F1\","
                               "\"actor\":\"wang\"}"},
    {{.kind = RECORD_REFUND,
      .refund = {0, "S1", "O1", "M1", "R1", 100, CHANNEL_CASH, "77", "F1", "wang", "twice"}},
     CANONICAL_HEAD("refund") "\"lot\":\"A\",\"stay\":\"S1\",\"order\":\"O1\",\"payment\":\"M1\","
                              "\"refund\":\"R1\","
                              "\"amount_fen\":100,\"channel\":\"cash\",\"transaction\":\"77\","
                              "\"shift\":\"F1\","
                              "\"actor\":\"wang\",\"reason\":\"twice\"}"},
    {{.kind = RECORD_COUPON, .coupon = {0, "S1", "K1", COUPON_TIME, 3600, "shop 7", "wang"}},
     CANONICAL_HEAD("coupon") "\"lot\":\"A\",\"stay\":\"S1\",\"coupon\":\"K1\",\"kind\":\"time\","
                              "\"value\":3600,"
                              "\"issuer\":\"shop 7\",\"actor\":\"wang\"}"},
    {{.kind = RECORD_LIST,
      .list = {PLATES_PASS, true, 0, "皖A12345", "flat 7", 2, {1000}, {2000}, "wang", "moved in"}},
     CANONICAL_HEAD("list") "\"list\":\"pass\",\"on\":true,\"lot\":\"A\",\"plate\":\"皖A12345\","
                            "\"group\":\"flat 7\","
                            "\"bays\":2,\"from\":\"1970-01-01T00:00:01.000Z\",\"until\":\"1970-01-"
                            "01T00:00:02.000Z\","
                            "\"actor\":\"wang\",\"reason\":\"moved in\"}"},
    {{.kind = RECORD_LIST, .list = {PLATES_BLOCKED, false, PLAN_NONE, "皖A12345"}},
     CANONICAL_HEAD("list") "\"list\":\"blocked\",\"on\":false,\"plate\":\"皖A12345\",\"bays\":0}"},
    {{.kind = RECORD_SHIFT, .shift = {SHIFT_OPENED, PLAN_NONE, "F1", "li", .float_fen = 20000}},
     CANONICAL_HEAD(
         "shift") "\"event\":\"opened\",\"shift\":\"F1\",\"cashier\":\"li\",\"float_fen\":20000,"
                  "\"expected_fen\":0,\"counted_fen\":0}"},
    {{.kind = RECORD_SHIFT,
      .shift = {SHIFT_CLOSED, 0, "F1", "li", "wang", 20000, 30000, 29900, "100x2,50x1", "short"}},
     CANONICAL_HEAD("shift") "\"event\":\"closed\",\"lot\":\"A\",\"shift\":\"F1\",\"cashier\":"
                             "\"li\",\"witness\":\"wang\","
                             "\"float_fen\":20000,\"expected_fen\":30000,\"counted_fen\":29900,"
                             "\"denominations\":\"100x2,50x1\",\"reason\":\"short\"}"},
    {{.kind = RECORD_OCCUPANCY,
      .occupancy = {0, OCCUPANCY_ADJUST, A_OUT, -2, 40, 39, 42, "no stay left", "wang"}},
     CANONICAL_HEAD("occupancy") "\"lot\":\"A\",\"event\":\"adjust\",\"lane\":\"A-out\",\"delta\":-"
                                 "2,\"inside\":40,\"low\":39,"
                                 "\"high\":42,\"evidence\":\"no stay left\",\"actor\":\"wang\"}"},
    {{.kind = RECORD_OCCUPANCY,
      .occupancy = {.lot = 1, .event = OCCUPANCY_ANCHOR, .lane = PLAN_NONE}},
     CANONICAL_HEAD("occupancy") "\"lot\":\"B\",\"event\":\"anchor\",\"delta\":0,\"inside\":0,"
                                 "\"low\":0,\"high\":0}"},
    {{.kind = RECORD_SHARING, .sharing = {0, 1, SHARING_OPENED, 20, 18, {1000}, "S1"}},
     CANONICAL_HEAD("sharing") "\"lot\":\"A\",\"zone\":\"A2\",\"event\":\"opened\",\"promised\":20,"
                               "\"open\":18,"
                               "\"until\":\"1970-01-01T00:00:01.000Z\",\"stay\":\"S1\"}"},
    {{.kind = RECORD_SHARING, .sharing = {0, PLAN_NONE, SHARING_CLOSING}},
     CANONICAL_HEAD("sharing") "\"lot\":\"A\",\"event\":\"closing\",\"promised\":0,\"open\":0}"},
    {{.kind = RECORD_PLATFORM,
      .platform = {"city", "4711", PLATFORM_PAID, "S1", "皖A12345", PLATFORM_DONE, "bill B1"}},
     CANONICAL_HEAD(
         "platform") "\"uplink\":\"city\",\"request\":\"4711\",\"act\":\"paid\",\"subject\":"
                     "\"S1\",\"plate\":\"皖A12345\",\"verdict\":\"done\",\"reason\":"
                     "\"bill B1\"}"},
    {{.kind = RECORD_PLATFORM,
      .platform = {"town",
                   "c-8",
                   PLATFORM_OPEN,
                   "A-out",
                   "",
                   PLATFORM_REFUSED,
                   "too late",
                   "li",
                   "no paper",
                   {2000}}},
     CANONICAL_HEAD("platform") "\"uplink\":\"town\",\"request\":\"c-8\",\"act\":\"open\","
                                "\"subject\":\"A-out\",\"verdict\":\"refused\",\"reason\":"
                                "\"too late\",\"actor\":\"li\",\"note\":\"no paper\","
                                "\"not_after\":\"1970-01-01T00:00:02.000Z\"}"},
    {{.kind = RECORD_DAY_CHECK,
      .day_check = {0, "city", "2026-11-21", DAY_RESENT, 30, 29, 1, 0, 0, 2, "S1 S2"}},
     CANONICAL_HEAD("day_check") "\"lot\":\"A\",\"uplink\":\"city\",\"day\":\"2026-11-21\","
                                 "\"verdict\":\"resent\",\"entries\":30,\"exits\":29,"
                                 "\"entries_missing\":1,\"exits_missing\":0,"
                                 "\"entries_strange\":0,\"exits_strange\":2,"
                                 "\"examples\":\"S1 S2\"}"},
    {{.kind = RECORD_REPORT,
      .report = {CLOSING_DAY,
                 7,
                 "1970-01-01",
                 {0},
                 {1000},
                 "UTC",
                 "wechat=0.6",
                 42,
                 "1,2",
                 "d1",
                 "d0",
                 "wang",
                 "8,9,9"}},
     CANONICAL_HEAD(
         "report") "\"event\":\"closed\",\"number\":7,\"day\":\"1970-01-01\","
                   "\"from\":\"1970-01-01T00:00:00.000Z\",\"to\":\"1970-01-01T00:00:01.000Z\","
                   "\"zone\":\"UTC\",\"fees\":\"wechat=0.6\",\"through\":42,\"sums\":\"1,2\","
                   "\"digest\":\"d1\","
                   "\"previous\":\"d0\",\"actor\":\"wang\",\"uploads\":\"8,9,9\"}"},
    {{.kind = RECORD_SEAL, .seal = {3, 41, "00ff", "ff00"}},
     CANONICAL_HEAD("seal") "\"epoch\":3,\"through_seq\":41,\"seal\":\"00ff\",\"next\":\"ff00\"}"},
    {{.kind = RECORD_SEAL, .seal = {4, 42, "00ff", "ff00", "plates 3"}},
     CANONICAL_HEAD("seal") "\"epoch\":4,\"through_seq\":42,\"seal\":\"00ff\",\"next\":\"ff00\","
                            "\"erased\":\"plates 3\"}"},
    {{.kind = RECORD_DIFFERENCE,
      .difference = {"D1",
                     DIFFERENCE_LATE,
                     DIFFERENCE_AUTO_RESOLVED,
                     "2026-11-21",
                     "wechat",
                     "O1",
                     "O1",
                     "4200001",
                     "R1",
                     true,
                     600,
                     600,
                     0,
                     {1000},
                     "d1",
                     "wang",
                     "next day"}},
     CANONICAL_HEAD("difference") "\"difference\":\"D1\",\"class\":\"late_next_day\","
                                  "\"state\":\"auto_resolved\",\"day\":\"2026-11-21\","
                                  "\"channel\":\"wechat\",\"order\":\"O1\","
                                  "\"channel_order\":\"O1\",\"transaction\":\"4200001\","
                                  "\"refund\":\"R1\",\"of_refund\":true,\"gateway_fen\":600,"
                                  "\"channel_fen\":600,\"at_risk_fen\":0,"
                                  "\"since\":\"1970-01-01T00:00:01.000Z\",\"statement\":"
                                  "\"d1\",\"actor\":\"wang\",\"reason\":\"next day\"}"},
    {{.kind = RECORD_DIFFERENCE,
      .difference = {.difference = "D2",
                     .class = DIFFERENCE_GATEWAY_ONLY,
                     .day = "2026-11-21",
                     .channel = "alipay",
                     .order = "O2",
                     .gateway_fen = 500,
                     .channel_fen = RECORD_NO_AMOUNT,
                     .at_risk_fen = 500}},
     CANONICAL_HEAD("difference") "\"difference\":\"D2\",\"class\":\"gateway_only\","
                                  "\"state\":\"open\",\"day\":\"2026-11-21\","
                                  "\"channel\":\"alipay\",\"order\":\"O2\","
                                  "\"gateway_fen\":500,\"at_risk_fen\":500,"
                                  "\"since\":\"1970-01-01T00:00:00.000Z\"}"},
};

enum { CANONICAL_RECORDS = sizeof canonical_records / sizeof canonical_records[0] };

#endif

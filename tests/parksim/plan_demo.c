/*
 * The shipped example: three places of one town, with every kind of device that parksim knows.
 * Procon loop detectors leave the works at 9600 8N1, SEN0310 at 19200.
 */
#include "tests/parksim/plan.h"

const char plan_demo[] = "site demo \"中心城区示范站 Town centre\" Asia/Shanghai\n"
                         "\n"
                         "lot H \"市一医院停车场 First City Hospital\"\n"
                         "zone H-G \"门诊楼前 Outpatient building\" 40\n"
                         "zone H-B1 \"地下一层 Basement 1\" 80\n"
                         "zone H-B2 \"地下二层 Basement 2\" 80\n"
                         "\n"
                         "lot R \"人民路路侧停车 Renmin Road, roadside\"\n"
                         "zone R-E \"人民路东段 East section\" 16\n"
                         "zone R-W \"人民路西段 West section\" 12\n"
                         "\n"
                         "lot C \"市科学院大院 City Academy of Sciences\"\n"
                         "zone C-V \"访客区 Visitors\" 8\n"
                         "zone C-S \"职工区 Staff\" 52\n"
                         "\n"
                         "line hospital tcp 127.0.0.1:0\n"
                         "units 1 1 concentrator-words 40 H 1\n"
                         "units 2 3 concentrator-bits 80 H 41\n"
                         "line renmin-east pty renmin-east 9600 8N1\n"
                         "units 1 8 procon-ld220 2 R 1\n"
                         "line renmin-west pty renmin-west 9600 8N1\n"
                         "units 1 12 procon-ld120 1 R 17\n"
                         "line academy-ceiling pty academy-ceiling 19200 8N1\n"
                         "units 11 18 dfrobot-sen0310 1 C 1\n"
                         "line academy tcp 127.0.0.1:0\n"
                         "units 1 2 concentrator-words 26 C 9\n";

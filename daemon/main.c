/* parkd: arguments, build, run, tear down in the mirror order. */
int main(void)
{
    return 0;
}

# A visit, in Perl: `perl visit.pl LIST ADDRESS`. See visit.py.
use v5.36;
use PolyshmPlatypus ();
binmode STDOUT, ":encoding(UTF-8)";
$| = 1;

sub line ($list, $index) {
    my ($type, $value) = ($list->type($index), $list->[$index]);
    return $value ? "bool true" : "bool false" if $type eq "bool";
    return "$type " . ($type eq "bytes" ? unpack "H*", $value : $value // "-");
}

my ($name, $address) = @ARGV;
{
    my $shared = PolyshmPlatypus::List->attach($name);
    say line($shared, $_) for 0 .. $#$shared;
    say "bytes ", unpack "H*", substr $shared->segment->buffer->{bytes}->$*, 0, 8;

    $shared->synchronized(sub ($owner_died) {
        $shared->[0] = "visited";
        say "sum ", $shared->add($#$shared, 5);
    });

    my $seen = $shared->version;
    say "waiting";
    $shared->wait($seen, 60);
    say "changed ", line($shared, 1);

    my @copies = map { PolyshmPlatypus::typed($shared->type($_) => $shared->[$_]) } 0 .. $#$shared;
    my $manager = PolyshmPlatypus::Manager->connect($address);
    my $left = $manager->create_list(undef, \@copies);
    my ($only) = $manager->names;
    say "left ", $only eq $left->segment->name ? "True" : "False", " $only";
}

eval { PolyshmPlatypus::List->attach("${name}_not") };
die $@ if $@->{name} ne "POLYSHM_ENOENT";
say "error $@->{message}";
